// What a decision is made of: the record that a host writes, the ladder, which is constant, and the state of a decision, which begins with
// the result that the host reads. Package table makes ladders, and room for states.

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

typedef u64 __attribute__((aligned(4))) mask; // of methods of the policy; the bits are rt_method's

// An amr set of a level.
struct amr_set {
	u32 level;
	mask methods;
};

struct ladder {
	mask ceremony; // methods that are words for a ceremony
	u32 levels;
	u32 asked; // of authentications of a lower level it matters which methods they have
	u32 words; // of a set of an action's rules
	struct amr_set set[]; // the highest levels first; behind the last, a level of 0
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

// What rules have come to so far, in rt_stands.
enum { DENIES = 1, MAY_DENY = 2, STEPS_UP = 4, MAY_STEP_UP = 8, AGAIN = 16 };

// The state of a decision begins with the result. Until rt_settle, level, max_age and groups are the join.
struct decision {
	u32 effect, shadow_effect;
	u32 level, reachable;
	u64 max_age; // all ones: none, which is longer than any
	u32 satisfied, groups_n;
	i64 age;
	u64 need;
	u32 faults_n, zero;
	u32 reasons, shadow, waiting, groups, faults; // addresses, which stay

	u32 dirty; // more than satisfied and age was written
	u32 kept;  // the session keeps its authentications
	u32 pending_n;
	u64 not_before; // its age in whole seconds, all ones: none
	u32 count;
	struct authentication authentications[1 + MAX_AUTHENTICATIONS];
	i64 ages[]; // at which a level is proved, from the first; there are as many as AGES fill
};
enum { AGES = 4 };
_Static_assert(__builtin_offsetof(struct decision, dirty) == 76 && __builtin_offsetof(struct decision, ages) == 1664, "as package table has it");

// What the compiler defines: the state and the ladder; room for the sets of rules, one behind the other, for groups, for pending rules and faults, as
// many as an action has rules. The place of the level that has an acr, 0 none; the
// bit of a method, -1 none. What rules have come to; the lazy signals that the last condition touched, if it is pending; what a rollout's `by` has
// come to, if that is an error.
#ifdef __wasm__
extern struct decision rt_state;
extern const struct ladder rt_ladder;
extern u32 rt_sets[];
extern u64 rt_groups[];
extern struct pending rt_pending[];
extern struct fault rt_faults[];
#else // in tests, anywhere
extern struct places {
	struct decision *state;
	const struct ladder *ladder;
	u32 *sets;
	u64 *groups;
	struct pending *pending;
	struct fault *faults;
} places;
#define rt_state (*places.state)
#define rt_ladder (*places.ladder)
#define rt_sets places.sets
#define rt_groups places.groups
#define rt_pending places.pending
#define rt_faults places.faults
#endif

// state is the address of the state, which is not known to be constant: engines then see that what lies close together is in bounds together.
static inline struct decision *state(void) {
	struct decision *d = &rt_state;
#ifdef __wasm__
	__asm__("" : "+r"(d));
#endif
	return d;
}

u32 rt_acr(str acr);
i32 rt_method(str name);
extern u32 GLOBAL rt_stands;
extern u64 GLOBAL rt_touched;
extern u32 GLOBAL rt_fault;

// evidence.c
u32 rt_evidence(const struct record *r);
i32 rt_meets(u32 level, i64 limit, u64 methods);
u64 methods_of(u64 list);

// decide.c. A rule is its number | level<<16 | RULE_SKIP; a deny rule has no level.
#define RULE_SKIP (1u << 31)
#define LEVEL(rule) ((rule) >> 16 & 0x7fff)
void rt_deny(u32 result, u32 rule);
void rt_step(u32 result, u32 rule, u64 max_age, u64 methods);
void rt_step_plain(u32 result, u32 rule, u64 max_age);
u32 rt_settle(const struct record *r);
void rt_trial(u32 result, u32 rule);

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
