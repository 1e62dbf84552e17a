// What rules come to together: docs/language.md, "Outcome". Compiled code asks the rules, one step after the other, and calls here for those
// whose condition came to something other than false; where all came to false the answer, allow, stands already.

#include "decide.h"

// A condition's result; above, it is the code of an error and where.
enum { FALSE, TRUE, PENDING };

static void put(u32 set, u32 rule) { PTR(u32, set)[(rule & 0xffff) / 32] |= 1u << rule % 32; }

// judge is what a rule comes to. A rule in error applies, unless it says "skip". The errors of rules on trial show in the entry of one that
// applies, those of others always.
static SMALL u32 judge(u32 result, u32 rule, i32 enforced) {
	struct decision *d = state();
	u32 code = rt_fault;
	d->dirty = 1;
	rt_fault = 0;
	if (result > PENDING) {
		if (!code)
			code = result;
		result = !(rule & RULE_SKIP);
	}
	if (code && (enforced || result == TRUE)) {
		struct fault *f = rt_faults + d->faults_n++;
		f->rule = rule & 0xffff;
		f->code = code;
	}
	return result;
}

// rt_deny takes in a deny rule.
SMALL void rt_deny(u32 result, u32 rule) {
	struct decision *d = state();
	result = judge(result, rule, 1);
	rt_stands |= result; // true denies, pending may
	if (result == TRUE)
		put(d->reasons, rule);
	if (result == PENDING)
		d->need |= rt_touched;
}

// weigh reports whether a step_up rule applies, and keeps one that is pending.
static SMALL i32 weigh(u32 result, u32 rule, u64 max_age, u64 methods) {
	struct decision *d = state();
	result = judge(result, rule, 1);
	if (result == PENDING) {
		struct pending *p = rt_pending + d->pending_n++;
		rt_stands |= MAY_STEP_UP;
		p->methods = methods;
		p->touched = rt_touched;
		p->max_age = max_age;
		p->level = LEVEL(rule);
	}
	return result == TRUE;
}

// rt_step_plain takes in a step_up rule that names no methods and has no rollout; like rt_step one that is not met or, after the first round, one
// that is. Most rules are like that, and most that come here apply.
void rt_step_plain(u32 result, u32 rule, u64 max_age) {
	struct decision *d = state();
	if (result != TRUE && !weigh(result, rule, max_age, 0))
		return;
	d->dirty = 1;
	if (!(rt_stands & AGAIN)) {
		rt_stands |= STEPS_UP;
		put(d->reasons, rule);
	}
	if (LEVEL(rule) > d->level)
		d->level = LEVEL(rule);
	if (max_age < d->max_age)
		d->max_age = max_age;
}

// covered reports whether a group of methods is asked for already: by one within it.
static SMALL i32 covered(u64 methods) {
	struct decision *d = state();
	for (u32 i = 0; i < d->groups_n; i++)
		if (!(rt_groups[i] & ~methods))
			return 1;
	return !methods;
}

// rt_step takes in any step_up rule.
SMALL void rt_step(u32 result, u32 rule, u64 max_age, u64 methods) {
	struct decision *d = state();
	u32 n = 0;
	if (!weigh(result, rule, max_age, methods))
		return;
	rt_step_plain(TRUE, rule, max_age);
	if (covered(methods))
		return;
	for (u32 i = 0; i < d->groups_n; i++)
		if (methods & ~rt_groups[i])
			rt_groups[n++] = rt_groups[i];
	rt_groups[n++] = methods;
	d->groups_n = n;
}

// reachable says whether the subject's enrolled methods can meet the join. Where the level itself has no sets the answer is never no.
static SMALL u32 reachable(const struct record *r) {
	struct decision *d = state();
	u32 possible = 0, otherwise = UNKNOWN;
	u64 ceremony = rt_ladder.ceremony, had; // nobody enrols a ceremony: it counts as had, and a set of ceremonies as none
	if (!(r->given & GIVEN_ENROLLED))
		return UNKNOWN;
	had = methods_of(r->enrolled) | ceremony;
	for (const struct amr_set *s = rt_ladder.set; s->level >= d->level; s++) {
		if (!(s->methods & ~ceremony))
			continue;
		possible |= !(s->methods & ~had);
		if (s->level == d->level)
			otherwise = NO;
	}
	for (u32 i = 0; i < d->groups_n; i++)
		possible &= (rt_groups[i] & had) != 0;
	return possible ? YES : otherwise;
}

// rt_settle ends a round of the steps, if a rule applies or is pending. It reports whether there is to be another one, of the rules that are met: the next
// authentication replaces this one, unless the session keeps all. Else there is an effect, and what goes with it. A pending rule matters if it would
// change the join.
SMALL u32 rt_settle(const struct record *r) {
	struct decision *d = state();
	if (!d->kept && (rt_stands & (STEPS_UP | AGAIN)) == STEPS_UP) {
		rt_stands |= AGAIN;
		return 1;
	}
	for (u32 i = 0; i < d->pending_n; i++) {
		const struct pending *p = &rt_pending[i];
		if (p->level > d->level || p->max_age < d->max_age || !covered(p->methods)) {
			rt_stands |= MAY_DENY;
			d->need |= p->touched;
		}
	}
	d->effect = rt_stands & DENIES ? DENY : rt_stands & MAY_DENY ? NEED : rt_stands & STEPS_UP ? STEP_UP : ALLOW;
	if (d->effect == STEP_UP) {
		d->reachable = reachable(r);
		if (d->not_before < d->max_age)
			d->max_age = d->not_before;
	}
	return 0;
}

// rt_trial takes in a rule on trial, which changes nothing of the outcome.
SMALL void rt_trial(u32 result, u32 rule) {
	struct decision *d = state();
	result = judge(result, rule, 0);
	if (result == PENDING)
		put(d->waiting, rule);
	if (result != TRUE)
		return;
	put(d->shadow, rule);
	if (d->effect == DENY)
		return;
	if (!LEVEL(rule))
		d->shadow_effect = 1 + DENY;
	else if (d->effect == ALLOW && !d->shadow_effect)
		d->shadow_effect = 1 + STEP_UP;
}
