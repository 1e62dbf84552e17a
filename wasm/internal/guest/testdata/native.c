// The guest runtime as a program, to be tested with sanitizers. It reads cases on its standard input and writes what they come to. The
// heap lies in the lowest 4 GiB, where addresses fit in the runtime's strings; between allocations there are bytes that no one may touch.
//
// It begins with the names of its functions, a line each, and an empty line. A case is: u8 function, u8 how to show the result, u8 the
// number of arguments, and of each: u8 'n' and 8 bytes, or u8 's' (a string) or 'p' (an address), u32 a length and the bytes, or u8 'l' (a list
// of strings), u32 how many, and each as a length and the bytes.
// The answer is: u64 the value returned, u64 rt_out[0], u64 rt_out[1], and what is to be shown, as u32 a length and the bytes: nothing
// (0), a string that is returned (1), a string in rt_out[0] if 0 is returned (2), bytes at the address returned (3) or at that in
// rt_out[0] if 0 is returned (4), 20 of them; the first argument's bytes (5); the map at rt_out[0] with a value of 8 bytes each (6); the strings
// of the list in rt_out[0] if 0 is returned, as lengths and bytes (7); the values of any type in the list in rt_out[0] (8) or rt_out[1] (9) if 0 is
// returned, and in a map's keys and values (10): of each u32 its tag and, if it has no parts, its 64 bits, or as a text its length and bytes.
//
// An argument 'd' is two, a value of any type: u32 a tag, u64 a value, u32 how many pieces of memory it has, and of each: u32 a length, the bytes, u32 how
// many addresses, and of each: u32 where it stands, u32 which piece, of those before, it is of. The value is the address of piece u32, if that is not ~0.

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../src/rt.c"

u32 rt_heap;

// What the compiler gives to decisions, which are tested in package table.
u64 rt_touched;
u32 rt_stands, rt_fault;
struct places places;
u32 rt_acr(str acr) { return len(acr) & 0; }
i32 rt_method(str name) { return (i32)(len(name) & 0); }

// What it gives to the reader of JSON, which is tested there too.
const struct json *json_data;
u8 *json_texts;
u32 rt_decide(u32 action, u32 record) { return (action | record) & 0; }
i32 rt_read_bytes(str s) { return rt_json_bytes(s); }
i32 rt_read_cidr(str s) { return rt_json_cidr(s); }

enum { ARENA = 0x10000000, ARENA_BYTES = 1 << 28, APART = 32 };

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

static f64 number_of(u64 bits) {
	f64 v;
	memcpy(&v, &bits, 8);
	return v;
}

#define P(i) PTR(const u8, a[i])

#define FUNCTIONS                                                                                                                              \
	X(rt_copy, (rt_copy(PTR(u8, a[0]), P(1), (u32)a[2]), 0))                                                                               \
	X(rt_fill, (rt_fill(PTR(u8, a[0]), (u32)a[1], (u32)a[2]), 0))                                                                          \
	X(rt_str_eq, rt_str_eq(a[0], a[1]))                                                                                                    \
	X(rt_str_cmp, rt_str_cmp(a[0], a[1]))                                                                                                  \
	X(rt_str_contains, rt_str_contains(a[0], a[1]))                                                                                        \
	X(rt_str_starts, rt_str_starts(a[0], a[1]))                                                                                            \
	X(rt_str_ends, rt_str_ends(a[0], a[1]))                                                                                                \
	X(rt_str_size, rt_str_size(a[0]))                                                                                                      \
	X(rt_str_concat, rt_str_concat(a[0], a[1]))                                                                                            \
	X(rt_bytes_concat, rt_bytes_concat(a[0], a[1]))                                                                                        \
	X(rt_bytes_to_str, rt_bytes_to_str(a[0]))                                                                                              \
	X(rt_utf8_valid, rt_utf8_valid(a[0]))                                                                                                  \
	X(rt_find, rt_find(a[0], a[1], (u32)a[2]))                                                                                             \
	X(rt_rune, rt_rune(P(0), (u32)a[1]))                                                                                                   \
	X(rt_mul_i64, rt_mul_i64(a[0], a[1]))                                                                                                  \
	X(rt_mul_u64, rt_mul_u64(a[0], a[1]))                                                                                                  \
	X(rt_int_to_str, rt_int_to_str(a[0]))                                                                                                  \
	X(rt_uint_to_str, rt_uint_to_str(a[0]))                                                                                                \
	X(rt_double_to_str, rt_double_to_str(number_of(a[0])))                                                                                 \
	X(rt_str_to_int, rt_str_to_int(a[0]))                                                                                                  \
	X(rt_str_to_uint, rt_str_to_uint(a[0]))                                                                                                \
	X(rt_str_to_double, rt_str_to_double(a[0]))                                                                                            \
	X(rt_str_to_bool, rt_str_to_bool(a[0]))                                                                                                \
	X(rt_double_to_int, rt_double_to_int(number_of(a[0])))                                                                                 \
	X(rt_double_to_uint, rt_double_to_uint(number_of(a[0])))                                                                               \
	X(rt_ts_parse, rt_ts_parse(a[0]))                                                                                                      \
	X(rt_ts_to_str, rt_ts_to_str(a[0], a[1]))                                                                                              \
	X(rt_ts_cmp, rt_ts_cmp(a[0], a[1], a[2], a[3]))                                                                                        \
	X(rt_ts_add, rt_ts_add(a[0], a[1], a[2]))                                                                                              \
	X(rt_ts_sub_dur, rt_ts_sub_dur(a[0], a[1], a[2]))                                                                                      \
	X(rt_ts_diff, rt_ts_diff(a[0], a[1], a[2], a[3]))                                                                                      \
	X(rt_ts_from_int, rt_ts_from_int(a[0]))                                                                                                \
	X(rt_ts_get, rt_ts_get((u32)a[0], a[1], a[2], P(3)))                                                                                   \
	X(rt_zone_parse, rt_zone_parse(a[0]))                                                                                                  \
	X(rt_dur_parse, rt_dur_parse(a[0]))                                                                                                    \
	X(rt_dur_to_str, rt_dur_to_str(a[0]))                                                                                                  \
	X(rt_dur_add, rt_dur_add(a[0], a[1]))                                                                                                  \
	X(rt_dur_sub, rt_dur_sub(a[0], a[1]))                                                                                                  \
	X(rt_dur_get, rt_dur_get((u32)a[0], a[1]))                                                                                             \
	X(rt_ip_eq, rt_ip_eq(P(0), P(1)))                                                                                                      \
	X(rt_cidr_eq, rt_cidr_eq(P(0), P(1)))                                                                                                  \
	X(rt_cidr_contains_ip, rt_cidr_contains_ip(P(0), P(1)))                                                                                \
	X(rt_cidr_contains_cidr, rt_cidr_contains_cidr(P(0), P(1)))                                                                            \
	X(rt_ip_parse, rt_ip_parse(a[0]))                                                                                                      \
	X(rt_cidr_parse, rt_cidr_parse(a[0]))                                                                                                  \
	X(rt_ip_to_str, rt_ip_to_str(P(0)))                                                                                                    \
	X(rt_cidr_to_str, rt_cidr_to_str(P(0)))                                                                                                \
	X(rt_ip_family, rt_ip_family(P(0)))                                                                                                    \
	X(rt_ip_is, rt_ip_is(P(0), (u32)a[1]))                                                                                                 \
	X(rt_ip_is_canonical, rt_ip_is_canonical(a[0]))                                                                                        \
	X(rt_cidr_prefix_length, rt_cidr_prefix_length(P(0)))                                                                                  \
	X(rt_cidr_ip, ADDR(rt_cidr_ip(P(0))))                                                                                                  \
	X(rt_cidr_masked, ADDR(rt_cidr_masked(P(0))))                                                                                          \
	X(rt_cidr_is_mask, rt_cidr_is_mask(P(0)))                                                                                              \
	X(rt_is_ip, rt_is_ip(a[0]))                                                                                                            \
	X(rt_is_cidr, rt_is_cidr(a[0]))                                                                                                        \
	X(rt_cidr_contains_ip_str, rt_cidr_contains_ip_str(P(0), a[1]))                                                                        \
	X(rt_cidr_contains_cidr_str, rt_cidr_contains_cidr_str(P(0), a[1]))                                                                    \
	X(rt_str_char_at, rt_str_char_at(a[0], a[1]))                                                                                          \
	X(rt_str_from, rt_str_from(a[0], a[1]))                                                                                                \
	X(rt_str_substring, rt_str_substring(a[0], a[1], a[2]))                                                                                \
	X(rt_str_index, rt_str_index(a[0], a[1], a[2]))                                                                                        \
	X(rt_str_last_index, rt_str_last_index(a[0], a[1], a[2]))                                                                              \
	X(rt_str_last, rt_str_last(a[0], a[1]))                                                                                                \
	X(rt_str_lower, rt_str_lower(a[0]))                                                                                                    \
	X(rt_str_upper, rt_str_upper(a[0]))                                                                                                    \
	X(rt_str_trim, rt_str_trim(a[0]))                                                                                                      \
	X(rt_str_reverse, rt_str_reverse(a[0]))                                                                                                \
	X(rt_str_replace, rt_str_replace(a[0], a[1], a[2], a[3]))                                                                              \
	X(rt_str_split, rt_str_split(a[0], a[1], a[2]))                                                                                        \
	X(rt_str_join, rt_str_join(a[0], a[1]))                                                                                                \
	X(rt_str_quote, rt_str_quote(a[0]))                                                                                                    \
	X(rt_base64_encode, rt_base64_encode(a[0]))                                                                                            \
	X(rt_base64_encode_url, rt_base64_encode_url(a[0]))                                                                                    \
	X(rt_base64_decode, rt_base64_decode(a[0]))                                                                                            \
	X(rt_base64_decode_url, rt_base64_decode_url(a[0]))                                                                                    \
	X(rt_list_slice, rt_list_slice(a[0], a[1], a[2], (u32)a[3]))                                                                           \
	X(rt_list_range, rt_list_range(a[0]))                                                                                                  \
	X(rt_list_reverse, rt_list_reverse(a[0], (u32)a[1]))                                                                                   \
	X(rt_list_flatten, rt_list_flatten(a[0], (u32)a[1]))                                                                                   \
	X(rt_list_sort, rt_list_sort(a[0], (u32)a[1], (u32)a[2]))                                                                              \
	X(rt_list_sort_by, rt_list_sort_by(a[0], a[1], (u32)a[2], (u32)a[3]))                                                                  \
	X(rt_list_extreme, rt_list_extreme(a[0], (u32)a[1], (u32)a[2]))                                                                        \
	X(rt_str_grow, rt_str_grow(a[0], a[1]))                                                                                                \
	X(rt_double_plain, rt_double_plain(number_of(a[0])))                                                                                   \
	X(rt_double_rounded, rt_double_rounded(number_of(a[0]), (u32)a[1], (u32)a[2]))                                                         \
	X(rt_uint_base, rt_uint_base(a[0], (u32)a[1], (u32)a[2]))                                                                              \
	X(rt_int_base, rt_int_base(a[0], (u32)a[1], (u32)a[2]))                                                                                \
	X(rt_str_hex, rt_str_hex(a[0], (u32)a[1]))                                                                                             \
	X(rt_regex_matches, rt_regex_matches(P(0), a[1]))                                                                                      \
	X(rt_regex_groups, rt_regex_groups(a[0]))                                                                                              \
	X(rt_regex_extract, rt_regex_extract(P(0), a[1]))                                                                                      \
	X(rt_regex_extract_all, rt_regex_extract_all(P(0), a[1], (u32)a[2]))                                                                   \
	X(rt_regex_replace, rt_regex_replace(P(0), a[1], a[2], a[3], (u32)a[4], (u32)a[5]))                                                    \
	X(rt_print_room, ADDR(rt_print_room()))                                                                                                \
	X(rt_dyn_print, rt_dyn_print(PTR(void, a[0]), a[1], (u32)a[2], a[3], (u32)a[4], (u32)a[5]))                                            \
	X(rt_dyn_format, rt_dyn_format(a[0], (u32)a[1], a[2]))                                                                                 \
	X(rt_dyn_eq, rt_dyn_eq((u32)a[0], a[1], (u32)a[2], a[3]))                                                                              \
	X(rt_dyn_is, rt_dyn_is((u32)a[0], a[1], (u32)a[2], a[3]))                                                                              \
	X(rt_dyn_cross, rt_dyn_cross((u32)a[0], a[1], (u32)a[2], a[3]))                                                                        \
	X(rt_dyn_flatten, rt_dyn_flatten((u32)a[0], a[1], (i64)a[2]))                                                                          \
	X(rt_dyn_max, rt_dyn_max((u32)a[0], a[1], (u32)a[2], a[3], (u32)a[4]))                                                                 \
	X(rt_dyn_extreme, rt_dyn_extreme((u32)a[0], a[1], (u32)a[2]))                                                                          \
	X(rt_dyn_texts, rt_dyn_texts((u32)a[0], a[1]))                                                                                         \
	X(rt_dyn_sort, rt_dyn_sort((u32)a[0], a[1], (u32)a[2], a[3]))                                                                          \
	X(rt_dyn_has_value, rt_dyn_has_value((u32)a[0], a[1], (u32)a[2], a[3]))                                                                \
	X(rt_dyn_in, rt_dyn_in((u32)a[0], a[1], (u32)a[2], a[3]))                                                                              \
	X(rt_dyn_cmp, rt_dyn_cmp((u32)a[0], a[1], (u32)a[2], a[3]))                                                                            \
	X(rt_dyn_unwrap, rt_dyn_unwrap((u32)a[0], a[1]))                                                                                       \
	X(rt_dyn_opt, rt_dyn_opt((u32)a[0], a[1], (u32)a[2], a[3]))                                                                            \
	X(rt_dyn_get, rt_dyn_get((u32)a[0], a[1], (u32)a[2], a[3]))                                                                            \
	X(rt_dyn_select, rt_dyn_select((u32)a[0], a[1], a[2], (u32)a[3]))                                                                      \
	X(rt_dyn_select_opt, rt_dyn_select_opt((u32)a[0], a[1], a[2], (u32)a[3]))                                                              \
	X(rt_dyn_size, rt_dyn_size((u32)a[0], a[1]))                                                                                           \
	X(rt_dyn_count, rt_dyn_count((u32)a[0], a[1]))                                                                                         \
	X(rt_dyn_nth, (rt_dyn_nth((u32)a[0], a[1], (u32)a[2]), 0))                                                                             \
	X(rt_dyn_nth_value, (rt_dyn_nth_value((u32)a[0], a[1], (u32)a[2]), 0))                                                                 \
	X(rt_dyn_list, (rt_out[0] = rt_dyn_list((u32)a[0], a[1]), 0))                                                                              \
	X(rt_dyn_join, rt_dyn_join((u32)a[0], a[1], (u32)a[2], a[3]))                                                                          \
	X(rt_dyn_zero, rt_dyn_zero((u32)a[0], a[1]))                                                                                           \
	X(rt_dyn_is_key, rt_dyn_is_key((u32)a[0], a[1]))                                                                                       \
	X(rt_dyn_seal, rt_dyn_seal((u32)a[0], P(1), P(2), (u32)a[3], (u32)a[4], P(5)))                                                         \
	X(rt_map_seal, rt_map_seal((u32)a[0], PTR(const u64, a[1]), P(2), (u32)a[3], (u32)a[4], (u32)a[5], P(6)))                              \
	X(rt_map_find, rt_map_find(PTR(const u32, a[0]), a[1], (u32)a[2]))

static const char *const names[] = {
#define X(name, call) #name,
    FUNCTIONS
#undef X
};

static u64 call(u32 function, const u64 *a) {
	enum {
#define X(name, call) N_##name,
		FUNCTIONS
#undef X
	};
	switch (function) {
#define X(name, call)                                                                                                                          \
	case N_##name:                                                                                                                         \
		return (u64)(call);
		FUNCTIONS
#undef X
	}
	abort();
}

static void get(void *p, u32 n) {
	if (n > 0 && fread(p, 1, n, stdin) != n)
		exit(feof(stdin) ? 0 : 1);
}

static u32 get32(void) {
	u32 v;
	get(&v, 4);
	return v;
}

static u8 get8(void) {
	u8 v;
	get(&v, 1);
	return v;
}

static u64 argument(u32 *length) {
	u64 v;
	u8 kind = get8();
	if (kind == 'n') {
		get(&v, 8);
		return v;
	}
	*length = get32();
	if (kind == 'l') {
		str *list = rt_alloc(8 * *length);
		for (u32 i = 0; i < *length; i++) {
			u32 n = get32();
			u8 *p = rt_alloc(n);
			get(p, n);
			list[i] = STR(p, n);
		}
		return STR(list, *length);
	}
	u8 *p = rt_alloc(*length);
	get(p, *length);
	return kind == 's' ? STR(p, *length) : ADDR(p);
}

// two_arguments reads two arguments, the tag and the value.
static void two_arguments(u64 *a) {
	u8 *pieces[4096];
	a[0] = get32();
	get(&a[1], 8);
	u32 n = get32();
	for (u32 i = 0; i < n; i++) {
		u32 size = get32();
		u8 *p = pieces[i % 4096] = rt_alloc(size);
		get(p, size);
		for (u32 refs = get32(); refs > 0; refs--) {
			u32 at = get32(), piece = get32();
			store32(p + at, ADDR(pieces[piece]));
		}
	}
	u32 piece = get32();
	if (piece != ~0u)
		a[1] = (a[1] & ~0xffffffffull) | ADDR(pieces[piece]);
}

static void show(u64 address, u32 n) {
	fwrite(&n, 4, 1, stdout);
	fwrite(PTR(u8, address), 1, n, stdout);
}

static void show_map(const u32 *map) {
	u32 n = map[0], bytes = 4 + 16 * n;
	fwrite(&bytes, 4, 1, stdout);
	fwrite(&n, 4, 1, stdout);
	fwrite(PTR(u8, map[1]), 8, n, stdout);
	fwrite(PTR(u8, map[2]), 8, n, stdout);
}

static u32 cell_size(const u8 *p) { return (load32(p) & 15) == T_STRING ? 8 + len(load64(p + 8)) : composite(load32(p)) ? 4 : 12; }

static void put_cells(const u8 *p, u32 n) {
	for (; n > 0; n--, p += 16) {
		u32 tag = load32(p);
		u64 v = load64(p + 8);
		fwrite(&tag, 4, 1, stdout);
		if (tag == T_STRING)
			show((u32)v, len(v));
		else if (!composite(tag))
			fwrite(&v, 8, 1, stdout);
	}
}

static u32 cells_size(const u8 *p, u32 n) {
	u32 bytes = 0;
	for (u32 i = 0; i < n; i++)
		bytes += cell_size(p + 16 * i);
	return bytes;
}

static void show_cells(u64 list) {
	u32 bytes = cells_size(at(list), len(list));
	fwrite(&bytes, 4, 1, stdout);
	put_cells(at(list), len(list));
}

static void show_any_map(const u32 *map) {
	const u8 *keys = PTR(u8, map[1]), *values = PTR(u8, map[2]);
	u32 bytes = cells_size(keys, map[0]) + cells_size(values, map[0]);
	fwrite(&bytes, 4, 1, stdout);
	put_cells(keys, map[0]);
	put_cells(values, map[0]);
}

static void show_texts(u64 list) {
	const str *e = PTR(const str, list);
	u32 count = len(list), bytes = 4 * count;
	for (u32 i = 0; i < count; i++)
		bytes += len(e[i]);
	fwrite(&bytes, 4, 1, stdout);
	for (u32 i = 0; i < count; i++)
		show((u32)e[i], len(e[i]));
}

int main(void) {
	void *arena = mmap(PTR(void, ARENA), ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (arena != PTR(void, ARENA))
		return 2;
	ASAN_POISON_MEMORY_REGION(arena, ARENA_BYTES);
	for (u32 i = 0; i < sizeof names / sizeof *names; i++)
		puts(names[i]);
	puts("");
	fflush(stdout);
	for (;;) {
		u64 a[8] = {0};
		u32 lengths[8] = {0};
		rt_heap = ARENA;
		rt_out[0] = rt_out[1] = 0;
		u32 function = get8();
		u8 how = get8(), n = get8();
		for (u32 i = 0, to = 0; i < n && to < 8; i++) {
			int kind = getc(stdin);
			if (kind == 'd') {
				two_arguments(a + to);
				to += 2;
			} else {
				ungetc(kind, stdin);
				a[to] = argument(&lengths[to]);
				to++;
			}
		}
		u64 r = call(function, a);
		u64 answer[3] = {r, rt_out[0], rt_out[1]};
		fwrite(answer, 8, 3, stdout);
		if (how == 1)
			show((u32)r, len(r));
		else if (how == 2 && r == 0)
			show((u32)rt_out[0], len(rt_out[0]));
		else if (how == 3)
			show(r, 20);
		else if (how == 4 && r == 0)
			show(rt_out[0], 20);
		else if (how == 5)
			show(a[0], lengths[0]);
		else if (how == 6 && r == 0)
			show_map(PTR(u32, rt_out[0]));
		else if (how == 7 && r == 0)
			show_texts(rt_out[0]);
		else if ((how == 8 || how == 9) && r == 0)
			show_cells(rt_out[how - 8]);
		else if (how == 10 && r == 0)
			show_any_map(PTR(u32, rt_out[0]));
		else
			show(0, 0);
		ASAN_POISON_MEMORY_REGION(arena, rt_heap - ARENA);
	}
}
