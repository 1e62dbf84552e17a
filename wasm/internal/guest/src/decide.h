// What a decision is made of: the record that a host writes, the ladder, which is constant, and the state of a decision, which begins with
// the result that the host reads. Package table writes ladders and knows the offsets that compiled code uses.

#ifndef DECIDE_H
#define DECIDE_H

#include "rt.h"

struct moment {
	i64 seconds;
	u32 nanos;
	i32 offset; // no matter
};

// An authentication, as the session and its `authentications` have it.
struct facts {
	str acr;
	u64 amr; // list of str
	struct moment time;
};

// The fixed part of the record.
struct record {
	struct moment now;
	i32 posture;
	u32 given; // bits GIVEN_*
	u64 known;
	struct facts session;
	struct moment not_before;
	u64 authentications; // list of addresses of struct body
	u64 enrolled;	     // list of str
};

struct body {
	u32 given;
	struct facts facts;
};

// GIVEN_ACR to GIVEN_TIME are those of a body too.
enum { GIVEN_ACR = 1, GIVEN_AMR = 2, GIVEN_TIME = 4, GIVEN_NOT_BEFORE = 8, GIVEN_AUTHENTICATIONS = 16, GIVEN_ENROLLED = 32 };

// MAX_AUTHENTICATIONS is how many `authentications` may hold: the language's limit.
enum { MAX_AUTHENTICATIONS = 64 };

// An amr set of a level. Masks are over the methods of the policy; their bits are rt_method's.
struct amr_set {
	u32 low, high;
	u32 level;
};

struct ladder {
	u64 ceremony; // methods that are words for a ceremony
	u32 levels, sets;
	u32 rules, words; // the most rules of an action, and the words of a set of them
	struct amr_set set[]; // the highest levels first
};

// Ages are counted in halves of a second: 2*seconds, +1 if there is a fraction. So one number keeps what is compared: with a max_age, which
// is whole seconds, and rounded down. What is proved without an age is older than any.
#define UNAGED 0x7ffffffffffffffeLL
#define UNPROVED 0x7fffffffffffffffLL

// An authentication that counts.
struct authentication {
	u64 methods;
	i64 age;
	u32 level; // that its acr proves, 0: none
};

// A step_up rule that is pending.
struct pending {
	u64 methods, touched;
	u64 max_age;
	u32 level;
};

struct fault {
	u32 rule, code;
};

enum { DENY, ALLOW, STEP_UP, NEED };
enum { UNKNOWN, NO, YES };

// What rules have come to so far.
enum { DENIES = 1, MAY_DENY = 2, STEPS_UP = 4, MAY_STEP_UP = 8, AGAIN = 16 };

struct decision {
	// The result. Until rt_settle, level, max_age and groups are the join.
	u32 effect, shadow_effect;
	u32 level, reachable;
	u64 max_age; // all ones: none, which is longer than any
	u32 satisfied, groups_n;
	i64 age;
	u64 need;
	u32 faults_n, zero;
	u32 reasons, shadow, waiting, groups, faults; // addresses

	u32 stands; // DENIES…
	u32 clean;  // nothing above was written but satisfied and age
	u32 kept;   // the session keeps its authentications
	u32 pending, pending_n;
	i64 not_before; // its age in whole seconds, -1: none
	u32 count;
	struct authentication authentications[1 + MAX_AUTHENTICATIONS];
	i64 ages[]; // at which a level is proved, from the first
};

// What the compiler defines: the place of the level that has an acr, 0 none; the bit of a method, -1 none; the lazy signals that the last
// condition touched, if it is pending.
u32 rt_acr(str acr);
i32 rt_method(str name);
extern u64 GLOBAL rt_touched;

// evidence.c
void rt_evidence(struct decision *d, const struct ladder *l, const struct record *r);
i32 rt_meets(const struct decision *d, const struct ladder *l, u32 level, i64 limit, u64 methods);
u64 methods_of(u64 list);
static inline u64 mask_of(const struct amr_set *s) { return (u64)s->high << 32 | s->low; }

// decide.c. A rule is number | level<<16 | RULE_*.
enum { RULE_DENY = 1 << 30, RULE_SKIP = 1u << 31 };
void rt_deny(struct decision *d, u32 rule, u32 result, u32 by);
void rt_step(struct decision *d, u32 rule, u64 max_age, u64 methods, u32 result, u32 by);
void rt_step_plain(struct decision *d, u32 result, u32 rule, u64 max_age);
i32 rt_again(struct decision *d);
u32 rt_settle(struct decision *d, const struct ladder *l, const struct record *r);
void rt_trial(struct decision *d, u32 rule, u32 result, u32 by);

// rollout.c
i32 rt_rolled(const u64 *rollout, str by);

// set.c
i32 rt_in_strs(const u32 *table, str s);
i32 rt_in_ints(const u64 *table, i64 v);
i32 rt_in_times(const u32 *table, i64 seconds, u64 nz);
i32 rt_in_ips(const u32 *table, const u8 *ip);
i32 rt_in_ip4s(const u32 *table, const u8 *ip);

// dfa.c
i32 rt_dfa(const u8 *table, str s);

#endif
