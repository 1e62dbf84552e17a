// What every part of the guest runtime shares. It is compiled as one unit (rt.c), for wasm32 and, to be tested, natively.
//
// Conventions. Functions that a module may call are named rt_*. One that can fail returns 0, or the code of the error, and writes its
// result to rt_out. Nothing in memory changes once it is written, so values share their bytes. No function pointers, no recursion, no
// array on a stack: what needs room takes it from the heap.

#ifndef RT_H
#define RT_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;
typedef long long i64;
typedef double f64;

_Static_assert(sizeof(u32) == 4 && sizeof(u64) == 8, "the sizes of integers");

// A string or bytes: length<<32 | address. Natively, tests keep everything in the lowest 4 GiB.
typedef u64 str;

#define STR(p, n) ((str)(u32)(n) << 32 | (u32)(__UINTPTR_TYPE__)(p))

static inline u32 len(str s) { return (u32)(s >> 32); }
static inline const u8 *at(str s) { return (const u8 *)(__UINTPTR_TYPE__)(u32)s; }

// An address that lies in a memory form, and back.
#define ADDR(p) ((u32)(__UINTPTR_TYPE__)(p))
#define PTR(type, a) ((type *)(__UINTPTR_TYPE__)(u32)(a))

// Little-endian reads and writes at any address.
static inline u32 load32(const void *p) {
	u32 v;
	__builtin_memcpy(&v, p, 4);
	return v;
}
static inline u64 load64(const void *p) {
	u64 v;
	__builtin_memcpy(&v, p, 8);
	return v;
}
static inline void store32(void *p, u32 v) { __builtin_memcpy(p, &v, 4); }
static inline void store64(void *p, u64 v) { __builtin_memcpy(p, &v, 8); }

// Codes of errors: those of the language, in the order in which package policy declares them.
enum {
	OK = 0,
	NO_SUCH_ATTRIBUTE = 3,
	NO_SUCH_KEY = 4,
	INDEX_OUT_OF_BOUNDS = 5,
	OVERFLOW = 6,
	DIVIDE_BY_ZERO = 7,
	NO_SUCH_OVERLOAD = 8,
	BAD_VALUE = 9,
	INVALID_ARGUMENT = 10,
	OPTIONAL_NONE = 11,
	LIMIT = 12,
};

// What a condition may make at a time.
enum { MAX_MADE_BYTES = 1 << 20, MAX_MADE_ELEMENTS = 1 << 16 };

#ifdef __wasm__
#define GLOBAL __attribute__((address_space(1))) // a WebAssembly global
#else
#define GLOBAL
#endif

// Where free memory begins. The compiler defines it, and resets it after each condition.
extern u32 GLOBAL rt_heap;

// Results of functions that can fail.
extern u64 rt_out[4];

// A function where size counts, not speed; and one that is to be a call.
#define SMALL __attribute__((minsize, noinline))
#define NOINLINE __attribute__((noinline))

// memory.c
void *rt_alloc(u32 n);
void rt_copy(void *dst, const void *src, u32 n);
void rt_fill(void *dst, u32 byte, u32 n);

// text.c
i32 rt_str_eq(str a, str b);
i32 rt_str_cmp(str a, str b);
i32 rt_str_contains(str s, str part);
i32 rt_list_has(u64 list, str s);
i32 rt_str_starts(str s, str part);
i32 rt_str_ends(str s, str part);
i64 rt_str_size(str s);
i32 rt_str_concat(str a, str b);
i32 rt_bytes_concat(str a, str b);
i32 rt_bytes_to_str(str b);
i32 rt_utf8_valid(str s);
i32 rt_find(str s, str part, u32 from); // the place of part in s from `from` on, in bytes; -1: none
u32 rt_rune(const u8 *p, u32 n);        // the code point at p of n>0 bytes | its length<<24; U+FFFD of length 1 if there is none

// num.c
i32 rt_mul_i64(i64 a, i64 b);
i32 rt_mul_u64(u64 a, u64 b);
str rt_int_to_str(i64 v);
str rt_uint_to_str(u64 v);
str rt_double_to_str(f64 v);
i32 rt_str_to_int(str s);
i32 rt_str_to_uint(str s);
i32 rt_str_to_double(str s);
i32 rt_str_to_bool(str s);
i32 rt_double_to_int(f64 v);
i32 rt_double_to_uint(f64 v);

// time.c
i32 rt_ts_parse(str s);
str rt_ts_to_str(i64 sec, i64 nz);
i32 rt_ts_cmp(i64 sec, i64 nz, i64 sec2, i64 nz2);
i32 rt_ts_add(i64 sec, i64 nz, i64 dur);
i32 rt_ts_sub_dur(i64 sec, i64 nz, i64 dur);
i32 rt_ts_diff(i64 sec, i64 nz, i64 sec2, i64 nz2);
i32 rt_ts_from_int(i64 sec);
i64 rt_ts_get(u32 which, i64 sec, i64 nz, const u8 *zone);
i32 rt_zone_parse(str s);
i32 rt_dur_parse(str s);
str rt_dur_to_str(i64 dur);
i32 rt_dur_add(i64 a, i64 b);
i32 rt_dur_sub(i64 a, i64 b);
i64 rt_dur_get(u32 which, i64 dur);

// net.c. An address or range is 20 bytes: the family (4 or 6), the length of a range's prefix in terms of 128 bits, 0, 0, the address.
i32 rt_ip_eq(const u8 *a, const u8 *b);
i32 rt_cidr_eq(const u8 *a, const u8 *b);
i32 rt_cidr_contains_ip(const u8 *c, const u8 *ip);
i32 rt_cidr_contains_cidr(const u8 *c, const u8 *part);
i32 rt_ip_parse(str s);
i32 rt_cidr_parse(str s);
str rt_ip_to_str(const u8 *ip);
str rt_cidr_to_str(const u8 *c);
i64 rt_ip_family(const u8 *ip);
i32 rt_ip_is(const u8 *ip, u32 what);
i32 rt_ip_is_canonical(str s);
i64 rt_cidr_prefix_length(const u8 *c);
const u8 *rt_cidr_ip(const u8 *c);
const u8 *rt_cidr_masked(const u8 *c);
i32 rt_cidr_is_mask(const u8 *c);

i32 rt_is_ip(str s);
i32 rt_is_cidr(str s);
i32 rt_cidr_contains_ip_str(const u8 *c, str s);
i32 rt_cidr_contains_cidr_str(const u8 *c, str s);

// strings.c
i32 rt_str_char_at(str s, i64 i);
i32 rt_str_from(str s, i64 start);
i32 rt_str_substring(str s, i64 start, i64 end);
i32 rt_str_index(str s, str part, i64 from);
i32 rt_str_last_index(str s, str part, i64 from);
i64 rt_str_last(str s, str part);
str rt_str_lower(str s);
str rt_str_upper(str s);
str rt_str_trim(str s);
str rt_str_reverse(str s);
i32 rt_str_replace(str s, str old, str by, i64 n);
i32 rt_str_split(str s, str by, i64 n);
i32 rt_str_join(u64 list, str by);
i32 rt_str_quote(str s);

// lists.c
i32 rt_list_slice(u64 list, i64 from, i64 to, u32 stride);
i32 rt_list_range(i64 n);
i32 rt_list_extreme(u64 list, u32 kind, u32 least);
u64 rt_list_reverse(u64 list, u32 stride);
i32 rt_list_flatten(u64 list, u32 stride);
i32 rt_list_sort(u64 list, u32 stride, u32 kind);
i32 rt_list_sort_by(u64 list, u64 keys, u32 stride, u32 kind);

// format.c
str rt_str_grow(str text, str s);
str rt_double_plain(f64 v);
str rt_double_rounded(f64 v, u32 decimals, u32 scientific);
str rt_uint_base(u64 v, u32 shift, u32 upper);
str rt_int_base(i64 v, u32 shift, u32 upper);
str rt_str_hex(str s, u32 upper);

// dfa.c
u32 rt_class(const u32 *range, u32 n, u32 rune);

// regex.c
i32 rt_regex_matches(const u8 *table, str s);
i32 rt_regex_groups(str s);
i32 rt_regex_extract(const u8 *table, str s);
i32 rt_regex_extract_all(const u8 *table, str s, u32 reach);
i32 rt_regex_replace(const u8 *table, str s, str by, i64 n, u32 reach, u32 groups);

// print.c
void *rt_print_room(void);
i32 rt_dyn_print(void *room, str text, u32 tag, u64 v, u32 verb, u32 decimals);
i32 rt_dyn_format(str format, u32 tag, u64 list);

// encode.c
i32 rt_base64_encode(str b);
i32 rt_base64_encode_url(str b);
i32 rt_base64_decode(str s);
i32 rt_base64_decode_url(str s);

// map.c
enum { KEY_STR, KEY_INT, KEY_UINT, KEY_BOOL, KEY_DOUBLE, KEY_TIME };
enum { SEAL_LAST, SEAL_UNIQUE };
i32 rt_map_seal(u32 n, const u64 *keys, const u8 *values, u32 stride, u32 kind, u32 mode, const u8 *present);
i32 rt_map_find(const u32 *map, u64 key, u32 kind);

// dyn.c. A value is a tag and 64 bits.
i32 rt_dyn_eq(u32 ta, u64 a, u32 tb, u64 b);
i32 rt_dyn_is(u32 ta, u64 a, u32 tb, u64 b);
i32 rt_dyn_cross(u32 ta, u64 a, u32 tb, u64 b);
i32 rt_dyn_flatten(u32 tag, u64 v, i64 depth);
i32 rt_dyn_max(u32 ta, u64 a, u32 tb, u64 b, u32 least);
i32 rt_dyn_extreme(u32 tag, u64 v, u32 least);
i32 rt_dyn_texts(u32 tag, u64 v);
i32 rt_dyn_sort(u32 tag, u64 v, u32 key_tag, u64 keys);
i32 rt_dyn_has_value(u32 ta, u64 a, u32 tb, u64 b);
i32 rt_dyn_in(u32 tx, u64 x, u32 tag, u64 v);
i32 rt_dyn_cmp(u32 ta, u64 a, u32 tb, u64 b);
i32 rt_dyn_unwrap(u32 tag, u64 v);
i32 rt_dyn_opt(u32 tag, u64 v, u32 kind, u64 key);
i32 rt_dyn_get(u32 tag, u64 v, u32 kind, u64 key);
i32 rt_dyn_select(u32 tag, u64 v, u64 names, u32 optional);
i32 rt_dyn_select_opt(u32 tag, u64 v, u64 names, u32 optional);
i64 rt_dyn_size(u32 tag, u64 v);
i32 rt_dyn_count(u32 tag, u64 v);
void rt_dyn_nth(u32 tag, u64 v, u32 i);
void rt_dyn_nth_value(u32 tag, u64 v, u32 i);
u64 rt_dyn_list(u32 tag, u64 v);
i32 rt_dyn_join(u32 ta, u64 a, u32 tb, u64 b);
i32 rt_dyn_zero(u32 tag, u64 v);
i32 rt_dyn_is_key(u32 tag, u64 v);
i32 rt_dyn_seal(u32 n, const u8 *keys, const u8 *values, u32 step, u32 mode, const u8 *present);

#endif
