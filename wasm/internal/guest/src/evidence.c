// What a session proves, and how fresh: docs/language.md, "Evidence". A policy's decision begins here, so most sessions, which have one
// authentication, take a path without searches.

#include "decide.h"

// elapsed is the time from one moment to another in halves of a second. Its sign is exact.
static inline i64 elapsed(const struct moment *from, const struct moment *to) {
	i64 seconds = (i64)(((u64)to->seconds - (u64)from->seconds) << 1);
	return seconds + (to->nanos > from->nanos) - (to->nanos < from->nanos);
}

// AHEAD is how far ahead an authentication may be dated, in halves of a second.
enum { AHEAD = 120 };

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
static SMALL void add(const struct record *r, const struct moment *voided, u32 given, const struct facts *f) {
	struct decision *d = state();
	struct authentication *a = &d->authentications[d->count];
	a->level = given & GIVEN_ACR ? rt_acr(f->acr) : 0;
	a->methods = 0;
	if (a->level < rt_ladder.asked && given & GIVEN_AMR)
		a->methods = methods_of(f->amr);
	a->age = UNAGED;
	if (given & GIVEN_TIME) {
		i64 age = elapsed(&f->time, &r->now);
		if (age < -AHEAD || (voided && elapsed(&f->time, voided) > 0))
			return;
		a->age = older(age, 0);
	} else if (voided) {
		return;
	}
	d->count++;
}

// freshest is the age of the youngest authentication of a level by its acr that has all of these methods, if there are any.
static SMALL i64 freshest(u32 level, u64 methods) {
	i64 age = UNPROVED;
	for (const struct authentication *a = state()->authentications, *end = a + rt_state.count; a < end; a++)
		if (a->level >= level && !(methods & ~a->methods))
			age = younger(age, a->age);
	return age;
}

// shown is the age at which an amr set is proved: each method at its freshest, but a ceremony is one authentication.
static SMALL i64 shown(u64 set) {
	i64 age = 0;
	while (set) {
		u64 part = set & rt_ladder.ceremony ? set : set & -set;
		age = older(age, freshest(0, part));
		set ^= part;
	}
	return age;
}

// several finds the levels that authentications prove together, and at which age.
static SMALL u32 several(void) {
	const struct amr_set *s = rt_ladder.set;
	u32 level = 0;
	i64 age = UNPROVED;
	for (u32 i = rt_ladder.levels; i > 0; i--) {
		age = younger(age, freshest(i, 0));
		for (; s->level == i; s++)
			age = younger(age, shown(s->methods));
		rt_state.ages[i - 1] = age;
		if (!level && age != UNPROVED)
			level = i;
	}
	return level;
}

static SMALL void others(const struct record *r, const struct moment *voided) {
	const u32 *o = PTR(const u32, r->authentications);
	u32 n = (u32)(r->authentications >> 32);
	if (n > MAX_AUTHENTICATIONS)
		__builtin_trap();
	for (; n; n--, o++) {
		const struct body *b = PTR(const struct body, *o);
		add(r, voided, b->given, &b->facts);
	}
}

// prepare makes the state anew where a decision has left something in it.
static inline void prepare(struct decision *d) {
	u32 *set = rt_sets, words = rt_ladder.words;
	for (u32 i = words; i; i--) {
		set[2 * words] = 0;
		set[words] = 0;
		*set++ = 0;
	}
	d->pending_n = d->dirty = d->faults_n = d->groups_n = d->level = d->shadow_effect = rt_stands = 0;
	d->need = 0;
	d->max_age = ~0ull;
	d->effect = ALLOW;
}

// gather is rt_evidence of a session that has more to say than when and how it was authenticated.
static SMALL u32 gather(const struct record *r) {
	struct decision *d = state();
	const struct moment *voided = 0;
	d->count = 0;
	if (r->given & GIVEN_NOT_BEFORE) {
		voided = &r->not_before;
		if (elapsed(voided, &r->now) < 0)
			voided = &r->now;
		d->not_before = (u64)(elapsed(voided, &r->now) >> 1);
	}
	add(r, voided, r->given, &r->session);
	d->kept = r->given & GIVEN_AUTHENTICATIONS;
	if (d->kept)
		others(r, voided);
	return several();
}

// alone is rt_evidence of the others: one authentication proves its level and those below, or none.
static inline u32 alone(struct decision *d, const struct record *r) {
	struct authentication *a = d->authentications;
	u32 given = r->given, level = 0;
	i64 age = UNAGED;
	if (given & GIVEN_TIME)
		age = elapsed(&r->session.time, &r->now);
	d->count = age >= -AHEAD;
	if (d->count) {
		age = older(age, 0);
		if (given & GIVEN_ACR)
			level = rt_acr(r->session.acr);
		a->age = age;
		a->level = level;
		if (level < rt_ladder.asked) {
			a->methods = given & GIVEN_AMR ? methods_of(r->session.amr) : 0;
			for (const struct amr_set *s = rt_ladder.set; s->level > level; s++)
				if (!(s->methods & ~a->methods))
					level = s->level;
		}
	}
	i64 *ages = d->ages;
	i32 left = (i32)level, more = (i32)rt_ladder.levels;
	do {
		ages[3] = left > 3 ? age : UNPROVED;
		ages[2] = left > 2 ? age : UNPROVED;
		ages[1] = left > 1 ? age : UNPROVED;
		ages[0] = left > 0 ? age : UNPROVED;
		ages += AGES;
		left -= AGES;
		more -= AGES;
	} while (more > 0);
	return level;
}

// rt_evidence begins a decision, and returns the place of the level that is proved, 0: none.
u32 rt_evidence(const struct record *r) {
	struct decision *d = state();
	if (d->dirty)
		prepare(d);
	d->not_before = ~0ull;
	d->kept = 0;
	u32 level = r->given & (GIVEN_NOT_BEFORE | GIVEN_AUTHENTICATIONS) ? gather(r) : alone(d, r);
	d->satisfied = level;
	d->age = -1;
	if (level && d->ages[level - 1] != UNAGED)
		d->age = d->ages[level - 1] >> 1;
	return level;
}

// among is the age of the youngest authentication of a level by its acr that has all of these methods, and one of those.
static SMALL i64 among(u32 level, u64 all, u64 some) {
	i64 age = UNPROVED;
	for (; some; some &= some - 1)
		age = younger(age, freshest(level, all | (some & -some)));
	return age;
}

// rt_meets reports whether the session meets a rule that asks for one of some methods. (One that asks for none is met if the age of its level
// is within the limit.)
SMALL i32 rt_meets(u32 level, i64 limit, u64 methods) {
	u64 ceremony = methods & rt_ladder.ceremony, plain = methods & ~rt_ladder.ceremony;
	if (rt_state.ages[level - 1] > limit)
		return 0;
	i64 age = among(level, 0, methods), method = among(0, 0, plain);
	for (const struct amr_set *s = rt_ladder.set; s->level >= level; s++) {
		age = younger(age, older(shown(s->methods), method));
		age = younger(age, among(0, s->methods, ceremony)); // of the same authentication as the set
	}
	return age <= limit;
}
