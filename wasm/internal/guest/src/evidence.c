// What a session proves, and how fresh: docs/language.md, "Evidence". A policy's decision begins here, so most sessions, which have one
// authentication, take a path without searches.

#include "decide.h"

static inline void prepare(struct decision *d, const struct ladder *l);
static NOINLINE void divide(struct decision *d, const struct ladder *l);

// elapsed is the time from one moment to another in halves of a second. Its sign is exact.
static inline i64 elapsed(const struct moment *from, const struct moment *to) {
	i64 seconds = (i64)(((u64)to->seconds - (u64)from->seconds) << 1);
	return seconds + (to->nanos > from->nanos) - (to->nanos < from->nanos);
}

static inline i64 younger(i64 a, i64 b) { return a < b ? a : b; }
static inline i64 older(i64 a, i64 b) { return a > b ? a : b; }

// methods_of is the set of a list of words. Those that no rule or level names are left out.
u64 methods_of(u64 list) {
	const str *s = PTR(const str, list), *end = s + (list >> 32);
	u64 set = 0;
	for (; s < end; s++) {
		i32 bit = rt_method(*s);
		if (bit >= 0)
			set |= 1ull << bit;
	}
	return set;
}

// add takes an authentication in, unless it is dated more than a minute ahead or before `voided`.
static NOINLINE void add(struct decision *d, const struct record *r, const struct moment *voided, u32 given, const struct facts *f) {
	struct authentication *a = &d->authentications[d->count];
	a->level = given & GIVEN_ACR ? rt_acr(f->acr) : 0;
	a->methods = given & GIVEN_AMR ? methods_of(f->amr) : 0;
	a->age = UNAGED;
	if (given & GIVEN_TIME) {
		i64 age = elapsed(&f->time, &r->now);
		if (age < -120 || (voided && elapsed(&f->time, voided) > 0))
			return;
		a->age = older(age, 0);
	} else if (voided) {
		return;
	}
	d->count++;
}

// freshest is the age of the youngest authentication of a level by its acr that has all of these methods, and any of those; if there are any.
static SMALL i64 freshest(const struct decision *d, u32 level, u64 all, u64 any) {
	i64 age = UNPROVED;
	for (const struct authentication *a = d->authentications, *end = a + d->count; a < end; a++)
		if (a->level >= level && !(all & ~a->methods) && (!any || (a->methods & any)))
			age = younger(age, a->age);
	return age;
}

// shown is the age at which an amr set is proved: each method at its freshest, but a ceremony is one authentication.
static i64 shown(const struct decision *d, const struct ladder *l, u64 set) {
	if (set & l->ceremony)
		return freshest(d, 0, set, 0);
	i64 age = 0;
	for (; set; set &= set - 1)
		age = older(age, freshest(d, 0, set & -set, 0));
	return age;
}

// single finds the level that one authentication proves, if there is one.
static inline u32 single(struct decision *d, const struct ladder *l) {
	const struct authentication *a = d->authentications;
	u32 level = 0;
	i64 age = UNPROVED;
	if (d->count) {
		level = a->level;
		age = a->age;
		for (const struct amr_set *s = l->set, *end = s + l->sets; s < end && s->level > level; s++)
			if (!(mask_of(s) & ~a->methods))
				level = s->level;
	}
	for (u32 i = 0; i < l->levels; i++)
		d->ages[i] = i < level ? age : UNPROVED;
	return level;
}

// several does so for several together.
static SMALL u32 several(struct decision *d, const struct ladder *l) {
	const struct amr_set *s = l->set, *end = s + l->sets;
	u32 level = 0;
	i64 age = UNPROVED;
	for (u32 i = l->levels; i > 0; i--) {
		age = younger(age, freshest(d, i, 0, 0));
		for (; s < end && s->level == i; s++)
			age = younger(age, shown(d, l, mask_of(s)));
		d->ages[i - 1] = age;
		if (!level && age != UNPROVED)
			level = i;
	}
	return level;
}

static SMALL void others(struct decision *d, const struct record *r, const struct moment *voided) {
	const u32 *o = PTR(const u32, r->authentications);
	u32 n = (u32)(r->authentications >> 32);
	if (n > MAX_AUTHENTICATIONS)
		__builtin_trap();
	for (; n; n--, o++) {
		const struct body *b = PTR(const struct body, *o);
		add(d, r, voided, b->given, &b->facts);
	}
}

// rt_evidence begins a decision.
void rt_evidence(struct decision *d, const struct ladder *l, const struct record *r) {
	const struct moment *voided = 0;
	if (!d->clean)
		prepare(d, l);
	d->not_before = -1;
	if (r->given & GIVEN_NOT_BEFORE) {
		voided = &r->not_before;
		if (elapsed(voided, &r->now) < 0)
			voided = &r->now;
		d->not_before = elapsed(voided, &r->now) >> 1;
	}
	d->count = 0;
	add(d, r, voided, r->given, &r->session);
	d->kept = r->given & GIVEN_AUTHENTICATIONS;
	if (d->kept)
		others(d, r, voided);
	u32 level = d->count > 1 ? several(d, l) : single(d, l);
	d->satisfied = level;
	d->age = -1;
	if (level && d->ages[level - 1] != UNAGED)
		d->age = d->ages[level - 1] >> 1;
}

// rt_meets reports whether the session meets a rule that asks for one of some methods. (One that asks for none is met if the age of its level
// is within the limit.)
SMALL i32 rt_meets(const struct decision *d, const struct ladder *l, u32 level, i64 limit, u64 methods) {
	u64 ceremony = methods & l->ceremony, plain = methods & ~l->ceremony;
	if (d->ages[level - 1] > limit)
		return 0;
	i64 age = freshest(d, level, 0, methods);
	i64 method = plain ? freshest(d, 0, 0, plain) : UNPROVED;
	for (const struct amr_set *s = l->set, *end = s + l->sets; s < end && s->level >= level; s++) {
		age = younger(age, older(shown(d, l, mask_of(s)), method));
		if (ceremony) // of the same authentication as the set
			age = younger(age, freshest(d, 0, mask_of(s), ceremony));
	}
	return age <= limit;
}

// prepare makes the state anew where a decision has left something in it; at first it is all zero. Behind the ages lie the sets of rules, the
// groups, the pending rules and the faults.
static inline void prepare(struct decision *d, const struct ladder *l) {
	if (!d->groups)
		divide(d, l);
	for (u32 *p = PTR(u32, d->reasons), *end = p + 3 * l->words; p < end; p++)
		*p = 0;
	d->effect = ALLOW;
	d->shadow_effect = d->level = d->groups_n = d->faults_n = d->stands = d->pending_n = 0;
	d->max_age = ~0ull;
	d->need = 0;
	d->clean = 1;
}

// divide gives each part of the state its place.
static SMALL void divide(struct decision *d, const struct ladder *l) {
	u32 *p = (u32 *)&d->ages[l->levels];
	d->groups = ADDR(p);
	p += 2 * l->rules;
	d->pending = ADDR(p);
	p += l->rules * (sizeof(struct pending) / 4);
	d->faults = ADDR(p);
	p += 2 * l->rules;
	d->reasons = ADDR(p);
	d->shadow = ADDR(p + l->words);
	d->waiting = ADDR(p + 2 * l->words);
}
