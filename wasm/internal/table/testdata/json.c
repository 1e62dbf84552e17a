// The reader and writer of JSON as a native program, to be tested with sanitizers: it reads texts from its standard input and writes what comes of them. What the compiler says of a
// policy, and the texts, lie in the lowest 4 GiB, and between what the runtime takes there are bytes that no one may touch.
//
// It reads u32 the address where the compiler's data are to lie, u32 how many bytes, and the bytes. Then, for each request, u32 the length of the caller's text, u32 that of the host's, and
// the texts; and what the decision is to be: the 80 bytes of a result, whose addresses do not matter, its three sets of rules as a u32 each, 8 groups, 8 faults. The answer is u32 a length and
// so many bytes.

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../../guest/src/rt.c"

u32 rt_heap;
u64 rt_touched;
u32 rt_stands, rt_fault;
u32 rt_acr(str acr) { return len(acr) & 0; }
i32 rt_method(str name) { return (i32)(len(name) & 0); }
i32 rt_read_bytes(str s) { return rt_json_bytes(s); }
i32 rt_read_cidr(str s) { return rt_json_cidr(s); }

enum { DATA = 0x10000000, DATA_BYTES = 1 << 20, TEXTS_AT = DATA + DATA_BYTES, TEXT_BYTES = 4 << 20, ARENA = TEXTS_AT + TEXT_BYTES, ARENA_BYTES = 1 << 28, APART = 32, RULES = 8 };

const struct json *json_data;
u8 *json_texts;
struct places places;

// What rt_decide answers, instead of a decision.
static struct {
	struct decision *state;
	u32 sets[3];
	u64 groups[RULES];
	struct fault faults[RULES];
} answer;

void *rt_alloc(u32 n) {
	u8 *p = PTR(u8, rt_heap);
	u64 end = (u64)rt_heap + ((n + 7ull) & ~7ull) + APART;
	if (end > (u64)ARENA + ARENA_BYTES)
		abort();
	rt_heap = (u32)end;
	ASAN_UNPOISON_MEMORY_REGION(p, n);
	ASAN_POISON_MEMORY_REGION(p + n, end - ADDR(p) - n);
	memset(p, 0xa5, n);
	return p;
}

// rt_decide reads the whole record, as a decision may, and leaves the answer.
u32 rt_decide(u32 action, u32 record) {
	static volatile u8 sum;
	const u8 *p = PTR(const u8, record);
	for (u32 i = 0; i < json.action->size; i++)
		sum += p[i];
	return action;
}

static void get(void *p, size_t n) {
	if (n && fread(p, n, 1, stdin) != 1)
		exit(0);
}

static u32 get32(void) {
	u32 v;
	get(&v, 4);
	return v;
}

int main(void) {
	if (mmap((void *)DATA, DATA_BYTES + TEXT_BYTES + ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0) !=
	    (void *)DATA)
		abort();
	u32 data = get32(), n = get32();
	if (data < DATA || (u64)data + n > DATA + DATA_BYTES)
		abort();
	get(PTR(u8, data), n);
	ASAN_POISON_MEMORY_REGION(PTR(u8, data) + n, DATA_BYTES - n - (data - DATA));
	json_data = PTR(const struct json, data);
	json_texts = PTR(u8, TEXTS_AT);
	answer.state = calloc(1, sizeof(struct decision) + 64 * sizeof(i64));
	for (;;) {
		u32 sizes[2] = {get32(), get32()}, all = sizes[0] + sizes[1];
		if (all + 16 > TEXT_BYTES)
			abort();
		ASAN_UNPOISON_MEMORY_REGION(json_texts, TEXT_BYTES);
		get(json_texts, all);
		ASAN_POISON_MEMORY_REGION(json_texts + all + 16, TEXT_BYTES - all - 16);
		get(answer.state, 80);
		get(answer.sets, sizeof answer.sets);
		get(answer.groups, sizeof answer.groups);
		get(answer.faults, sizeof answer.faults);
		rt_heap = ARENA;
		u32 *sets = rt_alloc(sizeof answer.sets);
		u64 *groups = rt_alloc(8 * answer.state->groups_n);
		struct fault *faults = rt_alloc(sizeof(struct fault) * answer.state->faults_n);
		memcpy(sets, answer.sets, sizeof answer.sets);
		memcpy(groups, answer.groups, 8 * answer.state->groups_n);
		memcpy(faults, answer.faults, sizeof(struct fault) * answer.state->faults_n);
		answer.state->reasons = ADDR(sets);
		answer.state->shadow = ADDR(sets + 1);
		answer.state->waiting = ADDR(sets + 2);
		answer.state->groups = ADDR(groups);
		answer.state->faults = ADDR(faults);
		places.state = answer.state;
		u64 out = rt_decide_json(sizes[0], sizes[1]);
		u32 length = len(out);
		fwrite(&length, 4, 1, stdout);
		fwrite(at(out), length, 1, stdout);
		fflush(stdout);
	}
}
