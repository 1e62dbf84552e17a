// What rules come to together: docs/language.md, "Outcome". Compiled code asks the rules, one step after the other, and calls here for those
// whose condition came to something other than false; where all came to false the answer, allow, stands already.

#include "decide.h"

// A condition's result; above, it is the code of an error and where.
enum { FALSE, TRUE, PENDING };

static void put(u32 set, u32 rule) { PTR(u32, set)[(rule & 0xffff) / 32] |= 1u << rule % 32; }

// judge is what a rule comes to. A rule in error applies, unless it says "skip". The errors of rules on trial show in the entry of one that
// applies, those of others always.
static SMALL u32 judge(struct decision *d, u32 rule, u32 result, u32 by, i32 enforced) {
	u32 code = by;
	d->clean = 0;
	if (result > PENDING) {
		if (!code)
			code = result;
		result = rule & RULE_SKIP ? FALSE : TRUE;
	}
	if (code && (enforced || result == TRUE)) {
		struct fault *f = PTR(struct fault, d->faults) + d->faults_n++;
		f->rule = rule & 0xffff;
		f->code = code;
	}
	return result;
}

// rt_deny takes in a deny rule.
SMALL void rt_deny(struct decision *d, u32 rule, u32 result, u32 by) {
	result = judge(d, rule, result, by, 1);
	if (result == TRUE) {
		d->stands |= DENIES;
		put(d->reasons, rule);
	} else if (result == PENDING) {
		d->stands |= MAY_DENY;
		d->need |= rt_touched;
	}
}

// covered reports whether a group of methods is asked for already: by one within it.
static SMALL i32 covered(const struct decision *d, u64 methods) {
	const u64 *g = PTR(const u64, d->groups);
	for (u32 i = 0; i < d->groups_n; i++)
		if (!(g[i] & ~methods))
			return 1;
	return !methods;
}

// join adds a rule's requirement.
static void join(struct decision *d, u32 level, u64 max_age, u64 methods) {
	u64 *g = PTR(u64, d->groups);
	u32 n = 0;
	if (level > d->level)
		d->level = level;
	if (max_age < d->max_age)
		d->max_age = max_age;
	if (covered(d, methods))
		return;
	for (u32 i = 0; i < d->groups_n; i++)
		if (methods & ~g[i])
			g[n++] = g[i];
	g[n++] = methods;
	d->groups_n = n;
}

// rt_step takes in a step_up rule that is not met, or, after rt_again, one that is.
SMALL void rt_step(struct decision *d, u32 rule, u64 max_age, u64 methods, u32 result, u32 by) {
	u32 level = rule >> 16 & 0x3fff;
	result = judge(d, rule, result, by, 1);
	if (result == TRUE) {
		if (!(d->stands & AGAIN)) {
			d->stands |= STEPS_UP;
			put(d->reasons, rule);
		}
		join(d, level, max_age, methods);
	} else if (result == PENDING) {
		struct pending *p = PTR(struct pending, d->pending) + d->pending_n++;
		d->stands |= MAY_STEP_UP;
		p->methods = methods;
		p->touched = rt_touched;
		p->max_age = max_age;
		p->level = level;
	}
}

// rt_step_plain is rt_step of a rule that names no methods and has no rollout: most are like that, and most that come here apply.
void rt_step_plain(struct decision *d, u32 result, u32 rule, u64 max_age) {
	if (result != TRUE) {
		rt_step(d, rule, max_age, 0, result, 0);
		return;
	}
	u32 level = rule >> 16 & 0x3fff, stands = d->stands;
	d->clean = 0;
	if (!(stands & AGAIN)) {
		d->stands = stands | STEPS_UP;
		put(d->reasons, rule);
	}
	d->level = level > d->level ? level : d->level;
	d->max_age = max_age < d->max_age ? max_age : d->max_age;
}

// rt_again reports whether the rules that are met are to be asked too: the next authentication replaces this one.
i32 rt_again(struct decision *d) {
	if (d->kept || (d->stands & (STEPS_UP | AGAIN)) != STEPS_UP)
		return 0;
	d->stands |= AGAIN;
	return 1;
}

// reachable says whether the subject's enrolled methods can meet the join. Where the level itself has no sets the answer is never no.
static SMALL u32 reachable(const struct decision *d, const struct ladder *l, const struct record *r) {
	u32 possible = 0, otherwise = UNKNOWN;
	if (!(r->given & GIVEN_ENROLLED))
		return UNKNOWN;
	u64 had = methods_of(r->enrolled) | l->ceremony; // nobody enrols a ceremony: it counts as had, and a set of ceremonies as none
	for (const struct amr_set *s = l->set, *end = s + l->sets; s < end && s->level >= d->level; s++) {
		u64 set = mask_of(s);
		if (!(set & ~l->ceremony))
			continue;
		possible |= !(set & ~had);
		if (s->level == d->level)
			otherwise = NO;
	}
	for (u32 i = 0; i < d->groups_n; i++)
		possible &= (PTR(const u64, d->groups)[i] & had) != 0;
	return possible ? YES : otherwise;
}

// rt_settle ends the steps: the effect, and what goes with it. A pending rule matters if it would change the join.
SMALL u32 rt_settle(struct decision *d, const struct ladder *l, const struct record *r) {
	if (d->stands & DENIES)
		return d->effect = DENY;
	const struct pending *p = PTR(const struct pending, d->pending);
	for (u32 i = 0; i < d->pending_n; i++, p++)
		if (p->level > d->level || p->max_age < d->max_age || !covered(d, p->methods)) {
			d->stands |= MAY_DENY;
			d->need |= p->touched;
		}
	if (d->stands & MAY_DENY)
		return d->effect = NEED;
	if (!(d->stands & STEPS_UP))
		return ALLOW;
	d->reachable = reachable(d, l, r);
	if ((u64)d->not_before < d->max_age)
		d->max_age = (u64)d->not_before;
	return d->effect = STEP_UP;
}

// rt_trial takes in a rule on trial, which changes nothing of the outcome.
SMALL void rt_trial(struct decision *d, u32 rule, u32 result, u32 by) {
	result = judge(d, rule, result, by, 0);
	if (result == PENDING)
		put(d->waiting, rule);
	if (result != TRUE)
		return;
	put(d->shadow, rule);
	if (d->effect == DENY)
		return;
	if (rule & RULE_DENY)
		d->shadow_effect = 1 + DENY;
	else if (d->effect == ALLOW && !d->shadow_effect)
		d->shadow_effect = 1 + STEP_UP;
}
