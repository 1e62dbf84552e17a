// Values whose type is known only at run time.
//
// A value is two words: its tag, which is its type (package abi: four bits a level, the outermost lowest), and 64 bits: the value as it lies in memory, if it
// takes no more, else the address where it lies. So a typed list is such a value as it is, and its elements are where they lie. Nothing here recurs: what
// goes into lists and maps keeps its way on the heap, and gives it back.

#include "rt.h"

// Kinds, the low four bits of a tag. Behind those of a list or optional is the tag of what it holds; behind a map's the kind of its keys, and the tag of its values.
enum {
	T_ANY, T_NULL, T_BOOL, T_INT, T_UINT, T_DOUBLE, T_STRING, T_BYTES, T_TIMESTAMP, T_DURATION, T_IP, T_CIDR, T_LIST, T_MAP, T_OPTIONAL, T_TYPE,
};

#define KIND(tag) ((tag) & 15)
#define ELEM(tag) ((tag) >> 4)
#define KEYS(tag) ((tag) >> 4 & 15)
#define VALUES(tag) ((tag) >> 8)

// What looking something up comes to, besides 0 and codes.
#define ABSENT 1

static inline f64 real(u64 v) {
	f64 d;
	__builtin_memcpy(&d, &v, 8);
	return d;
}

// innermost is the tag below all optionals.
static SMALL u32 innermost(u32 tag) {
	while (KIND(tag) == T_OPTIONAL)
		tag = ELEM(tag);
	return tag;
}

// stride is how far apart elements stand: each optional around a value takes as much again as its alignment, which is 8 at most.
static SMALL u32 stride(u32 tag) {
	const u64 powers = 0x3023223433333004; // of two, four bits a kind
	u32 n = 0;
	for (; KIND(tag) == T_OPTIONAL; tag = ELEM(tag))
		n++;
	u32 s = 1u << (powers >> 4 * KIND(tag) & 15);
	return s + n * (s < 8 ? s : 8);
}

static SMALL u32 alignment(u32 tag) {
	u32 s = stride(innermost(tag));
	return s < 8 ? s : 8;
}

// tag_at and value_at are a value that lies at p, as of a type.
static inline u32 tag_at(u32 tag, const u8 *p) { return tag == T_ANY ? load32(p) : tag; }

static SMALL u64 value_at(u32 tag, const u8 *p) {
	switch (KIND(tag)) {
	case T_ANY:
		return load64(p + 8);
	case T_TIMESTAMP:
	case T_OPTIONAL:
		return ADDR(p);
	case T_NULL:
	case T_BOOL:
		return *p;
	case T_IP:
	case T_CIDR:
	case T_MAP:
		return load32(p);
	}
	return load64(p);
}

static inline i32 leave(u32 tag, const u8 *p) {
	rt_out[0] = tag_at(tag, p);
	rt_out[1] = value_at(tag, p);
	return OK;
}

static inline const u32 *map_of(u64 v) { return PTR(const u32, v); }

// unwrap leaves what an optional holds; 0: nothing.
static SMALL i32 unwrap(u32 tag, u64 v) {
	const u8 *p = PTR(u8, v);
	if (!*p)
		return 0;
	tag = ELEM(tag);
	leave(tag, p + alignment(tag));
	return 1;
}

// Numbers.

static inline u32 is_number(u32 kind) { return kind >= T_INT && kind <= T_DOUBLE; }

static SMALL i32 order_reals(f64 a, f64 b) { return (a > b) - (a < b); }

// double_int compares a double with an integer, which is rounded to the nearest double first, unless the double is beyond all integers.
static SMALL i32 double_int(f64 d, u32 kind, u64 i) {
	if (kind == T_INT)
		return d < -0x1p63 ? -1 : d > 0x1p63 ? 1 : order_reals(d, (f64)(i64)i);
	return d < 0 ? -1 : d > 0x1p64 ? 1 : order_reals(d, (f64)i);
}

// order_numbers compares numbers of which none is NaN.
static SMALL i32 order_numbers(u32 ka, u64 a, u32 kb, u64 b) {
	if (ka == T_DOUBLE)
		return kb == T_DOUBLE ? order_reals(real(a), real(b)) : double_int(real(a), kb, b);
	if (kb == T_DOUBLE)
		return -double_int(real(b), ka, a);
	if (ka != kb) { // as wide as both
		if (ka == T_INT && (i64)a < 0)
			return -1;
		if (kb == T_INT && (i64)b < 0)
			return 1;
	} else if (ka == T_INT) {
		return ((i64)a > (i64)b) - ((i64)a < (i64)b);
	}
	return (a > b) - (a < b);
}

static inline u32 not_a_number(u32 kind, u64 v) { return kind == T_DOUBLE && real(v) != real(v); }

// Keys.

// key_rank orders the kinds of keys: bools, numbers, strings.
static inline u32 key_rank(u32 kind) { return kind == T_BOOL ? 0 : kind == T_STRING ? 2 : 1; }

// order_keys orders keys of any kinds: of equal numbers ints come before uints, and those before doubles.
static SMALL i32 order_keys(u32 ka, u64 a, u32 kb, u64 b) {
	u32 ra = key_rank(ka), rb = key_rank(kb);
	if (ra != rb)
		return ra < rb ? -1 : 1;
	if (ra == 2)
		return rt_str_cmp(a, b);
	if (ra == 0)
		return (i32)a - (i32)b;
	i32 c = order_numbers(ka, a, kb, b);
	return c != 0 ? c : (i32)ka - (i32)kb;
}

// rounded is a number as a double.
static SMALL f64 rounded(u32 kind, u64 v) { return kind == T_DOUBLE ? real(v) : kind == T_INT ? (f64)(i64)v : (f64)v; }

// exact finds a key of a kind as it is: the number of its entry, -1 if there is none.
static SMALL i32 exact(u32 keys, const u32 *map, u32 kind, u64 key) {
	if (keys != T_ANY) {
		if (keys != kind)
			return -1;
		return rt_map_find(map, key, kind == T_STRING ? KEY_STR : kind == T_INT ? KEY_INT : kind == T_UINT ? KEY_UINT : KEY_BOOL);
	}
	u32 low = 0, high = map[0];
	while (low < high) {
		u32 middle = (low + high) >> 1;
		const u8 *p = PTR(const u8, map[1]) + 16 * middle;
		i32 c = order_keys(load32(p), load64(p + 8), kind, key);
		if (c == 0)
			return (i32)middle;
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

// whole is the integer of a kind that a double is; 0, and it is none.
static SMALL i32 whole(f64 d, u32 kind) {
	if (kind == T_INT) {
		if (!(d > -0x1p63 && d < 0x1p63))
			return 0;
		rt_out[2] = (u64)(i64)d;
		return (f64)(i64)d == d;
	}
	if (!(d >= 0 && d < 0x1p64))
		return 0;
	rt_out[2] = (u64)d;
	return (f64)(u64)d == d;
}

// find_key finds a key in a map whose keys are of a kind, or of any: as it is, else as a number of another type, from doubles to integers alone.
static SMALL i32 find_key(u32 keys, const u32 *map, u32 kind, u64 key) {
	i32 i;
	if (!rt_dyn_is_key(kind, key))
		return -1;
	i = exact(keys, map, kind, key);
	if (i >= 0 || !is_number(kind))
		return i;
	if (kind == T_DOUBLE) {
		f64 d = real(key);
		if (whole(d, T_INT))
			i = exact(keys, map, T_INT, rt_out[2]);
		return i < 0 && whole(d, T_UINT) ? exact(keys, map, T_UINT, rt_out[2]) : i;
	}
	return (i64)key < 0 ? -1 : exact(keys, map, kind ^ T_INT ^ T_UINT, key);
}

// value_of is where the value of a map's entry lies.
static SMALL const u8 *value_of(u32 tag, const u32 *map, u32 i) { return PTR(const u8, map[2]) + i * stride(VALUES(tag)); }

// Equality.

// same reports whether two values that have no parts are equal.
static SMALL i32 same(u32 ta, u64 a, u32 tb, u64 b) {
	if (is_number(ta) && is_number(tb))
		return !not_a_number(ta, a) && !not_a_number(tb, b) && order_numbers(ta, a, tb, b) == 0;
	if (ta != tb)
		return 0;
	switch (ta) {
	case T_NULL:
		return 1;
	case T_STRING:
	case T_BYTES:
		return rt_str_eq(a, b);
	case T_TIMESTAMP: // the offset does not count
		return load64(PTR(u8, a)) == load64(PTR(u8, b)) && load32(PTR(u8, a) + 8) == load32(PTR(u8, b) + 8);
	case T_IP:
		return rt_ip_eq(PTR(u8, a), PTR(u8, b));
	case T_CIDR:
		return rt_cidr_eq(PTR(u8, a), PTR(u8, b));
	}
	return a == b;
}

static inline u32 composite(u32 tag) { return KIND(tag) >= T_LIST && KIND(tag) <= T_OPTIONAL; }

// A way through a value: what is left of a list or map on the way.
struct way {
	u32 left, tag, step;
	const u8 *at;
	u32 other_tag, other_step; // of what it is compared with
	const u8 *other;
	u32 keys, key_tag, key_step, map; // of maps: where its keys are, and the other map with the kind of its keys
};

// A value is nested less deep than this: a request 64, what a condition makes as deep as the condition.
enum { DEEPEST = 400, MAX_PARTS = 1 << 17, MAX_COMPARISONS = 1 << 22 };

// plain goes through elements up to the first that has parts, and comes to how many there were. All of a type that is known have some: others are not gone through.
static SMALL u32 plain(struct way *w) {
	const u8 *p = w->at;
	u32 left = w->left;
	if (w->tag == T_ANY) {
		for (; left > 0 && !composite(load32(p)); left--)
			p += 16;
	}
	u32 n = w->left - left;
	w->at = p;
	w->left = left;
	return n;
}

// more reports whether a value has more parts than that, each counted as often as it stands in it.
static SMALL i32 more(u32 tag, u64 v, u32 most) {
	u32 mark = rt_heap, depth = 0, n = 0;
	struct way *ways = rt_alloc(DEEPEST * sizeof *ways), *w;
	do {
		u32 inside = ELEM(tag), count = len(v), part = 1;
		n++;
		if (KIND(tag) == T_OPTIONAL) {
			if (*PTR(u8, v)) {
				const u8 *p = PTR(u8, v) + alignment(inside);
				tag = tag_at(inside, p);
				v = value_at(inside, p);
				continue;
			}
		} else if (composite(tag)) {
			w = ways + depth;
			w->at = at(v);
			if (KIND(tag) == T_MAP) {
				inside = VALUES(tag), count = map_of(v)[0], part = 2;
				w->at = PTR(u8, map_of(v)[2]);
			}
			n += count * (part - 1); // the keys
			if (inside != T_ANY && !composite(inside))
				n += count;
			else if (depth == DEEPEST - 1)
				n = most + 1;
			else
				w->left = count, w->tag = inside, w->step = stride(inside), depth++;
		}
		for (; depth > 0; depth--) {
			w = ways + depth - 1;
			n += plain(w);
			if (w->left > 0)
				break;
		}
		if (depth == 0)
			break;
		w->left--;
		tag = tag_at(w->tag, w->at);
		v = value_at(w->tag, w->at);
		w->at += w->step;
	} while (n <= most);
	rt_heap = mark;
	return n > most;
}

static inline i32 many(u32 tag, u64 v) { return more(tag, v, MAX_PARTS); }

// same_names reports whether two maps of as many entries have the same strings for keys.
static SMALL u32 same_names(const u32 *m, const u32 *o) {
	const u8 *p = PTR(u8, m[1]), *q = PTR(u8, o[1]);
	for (u32 n = m[0]; n > 0; n--, p += 8, q += 8)
		if (!rt_str_eq(load64(p), load64(q)))
			return 0;
	return 1;
}

// into begins the way into two lists or maps; 0: they differ at once.
static SMALL i32 into(struct way *w, u32 ta, u64 a, u32 tb, u64 b) {
	if (KIND(ta) == T_LIST) {
		w->left = len(a);
		if (w->left != len(b))
			return 0;
		w->tag = ELEM(ta), w->other_tag = ELEM(tb), w->keys = 0;
		w->at = at(a), w->other = at(b);
	} else {
		const u32 *m = map_of(a), *o = map_of(b);
		w->left = m[0];
		if (w->left != o[0])
			return 0;
		w->tag = VALUES(ta), w->at = PTR(u8, m[2]);
		w->other_tag = VALUES(tb), w->other = PTR(u8, o[2]), w->keys = 0;
		w->step = stride(w->tag), w->other_step = stride(w->other_tag);
		if (KEYS(ta) == T_STRING && KEYS(tb) == T_STRING) // both in the order of their names
			return (i32)same_names(m, o);
		w->other_tag = tb;
		w->keys = m[1], w->key_tag = KEYS(ta), w->key_step = KEYS(ta) == T_ANY ? 16 : 8, w->map = (u32)b;
	}
	w->step = stride(w->tag), w->other_step = stride(w->other_tag);
	return 1;
}

// beside is where the other value of a pair lies; 0: there is none.
static SMALL const u8 *beside(struct way *w) {
	if (!w->keys) {
		const u8 *p = w->other;
		w->other += w->other_step;
		return p;
	}
	const u8 *key = PTR(u8, w->keys);
	w->keys += w->key_step;
	i32 i = find_key(KEYS(w->other_tag), PTR(u32, w->map), tag_at(w->key_tag, key), w->key_tag == T_ANY ? load64(key + 8) : load64(key));
	return i < 0 ? 0 : value_of(w->other_tag, PTR(u32, w->map), (u32)i);
}

enum { DIFFER, ALIKE, PARTS };

// simple reports whether values of a type are compared as they lie in their 64 bits, or as text.
static inline u32 simple(u32 tag) { return tag >= T_NULL && tag <= T_DURATION && tag != T_TIMESTAMP; }

// alike is same for values of types that are simple.
static SMALL u32 alike(u32 ta, u64 a, u32 tb, u64 b) {
	if (ta != tb)
		return is_number(ta) && is_number(tb) && !not_a_number(ta, a) && !not_a_number(tb, b) && order_numbers(ta, a, tb, b) == 0;
	if (ta == T_STRING || ta == T_BYTES)
		return (u32)rt_str_eq(a, b);
	return ta == T_DOUBLE ? real(a) == real(b) : ta == T_NULL || a == b;
}

// elements compares those of two lists up to the first that are not simple. It is what large values cost: what it needs is not in memory.
static SMALL u32 elements(struct way *w) {
	const u8 *p = w->at, *q = w->other;
	u32 left = w->left, tp = w->tag, tq = w->other_tag, sp = w->step, sq = w->other_step, is = ALIKE;
	for (; left > 0; left--, p += sp, q += sq) {
		u32 a = tag_at(tp, p), b = tag_at(tq, q);
		if (!simple(a) || !simple(b)) {
			is = PARTS;
			break;
		}
		if (!alike(a, value_at(tp, p), b, value_at(tq, q)))
			return DIFFER;
	}
	w->left = left;
	w->at = p;
	w->other = q;
	return is;
}

// next finds the next two values that are to be compared, and leaves them in rt_out.
static SMALL u32 next(struct way *w) {
	u32 other = w->other_tag;
	if (!w->keys) {
		u32 is = elements(w);
		if (is != PARTS)
			return is;
	} else if (w->left == 0) {
		return ALIKE;
	} else {
		other = VALUES(other);
	}
	const u8 *q = beside(w);
	if (!q)
		return DIFFER;
	rt_out[2] = tag_at(other, q);
	rt_out[3] = value_at(other, q);
	leave(w->tag, w->at);
	w->at += w->step;
	w->left--;
	return PARTS;
}

// equal is whether two values are equal.
static SMALL i32 equal(u32 ta, u64 a, u32 tb, u64 b) {
	if (!composite(ta) || !composite(tb))
		return same(ta, a, tb, b);
	u32 mark = rt_heap, depth = 0, is = DIFFER;
	struct way *ways = rt_alloc(DEEPEST * sizeof *ways);
	for (;;) {
		is = DIFFER;
		if (!composite(ta)) {
			if (!same(ta, a, tb, b))
				break;
		} else if (KIND(ta) != KIND(tb)) {
			break;
		} else if (KIND(ta) == T_OPTIONAL) {
			const u8 *p = PTR(u8, a), *q = PTR(u8, b);
			if (*p != *q)
				break;
			if (*p) {
				u32 x = ELEM(ta), y = ELEM(tb);
				p += alignment(x), q += alignment(y);
				ta = tag_at(x, p), a = value_at(x, p), tb = tag_at(y, q), b = value_at(y, q);
				continue;
			}
		} else if (depth == DEEPEST || !into(ways + depth++, ta, a, tb, b)) {
			break;
		}
		is = ALIKE;
		for (; depth > 0; depth--) {
			is = next(ways + depth - 1);
			if (is != ALIKE)
				break;
		}
		if (is != PARTS)
			break;
		ta = (u32)rt_out[0], a = rt_out[1], tb = (u32)rt_out[2], b = rt_out[3];
	}
	rt_heap = mark;
	return is == ALIKE;
}

// rt_dyn_eq is whether two values are equal: those of different types are not, but numbers are by what they are worth. It is an error where both have too many parts.
SMALL i32 rt_dyn_eq(u32 ta, u64 a, u32 tb, u64 b) {
	if (composite(ta) && composite(tb) && many(ta, a) && many(tb, b))
		return LIMIT;
	rt_out[0] = (u32)equal(ta, a, tb, b);
	return OK;
}

// rt_dyn_is is rt_dyn_eq without a bound on parts, for those who have one on all that they compare.
SMALL i32 rt_dyn_is(u32 ta, u64 a, u32 tb, u64 b) { return equal(ta, a, tb, b); }

// rt_dyn_cross is LIMIT where each element of a list is to be compared with each of another, and elements have too many parts for that.
SMALL i32 rt_dyn_cross(u32 ta, u64 a, u32 tb, u64 b) {
	u32 elem = ELEM(ta), step = stride(elem), n = len(a), nested = 0, most = MAX_COMPARISONS / (n > 0 ? n : 1);
	const u8 *p = at(a);
	for (u32 left = n; left > 0 && !nested; left--, p += step)
		nested = composite(tag_at(elem, p));
	return nested && more(tb, b, most < MAX_PARTS ? most : MAX_PARTS) ? LIMIT : OK;
}

// rt_dyn_has_value is whether an optional is there and equal to a value.
SMALL i32 rt_dyn_has_value(u32 ta, u64 a, u32 tb, u64 b) {
	if (KIND(ta) != T_OPTIONAL)
		return NO_SUCH_OVERLOAD;
	if (composite(tb) && many(ta, a) && many(tb, b))
		return LIMIT;
	rt_out[0] = unwrap(ta, a) && equal((u32)rt_out[0], rt_out[1], tb, b);
	return OK;
}

// rt_dyn_in is whether a value is in a list, or a key of a map.
SMALL i32 rt_dyn_in(u32 tx, u64 x, u32 tag, u64 v) {
	u32 elem = ELEM(tag), step = stride(elem), found = 0;
	if (KIND(tag) == T_MAP) {
		rt_out[0] = find_key(KEYS(tag), map_of(v), tx, x) >= 0;
		return OK;
	}
	if (KIND(tag) != T_LIST)
		return NO_SUCH_OVERLOAD;
	if (composite(tx) && many(tag, v))
		return LIMIT;
	const u8 *p = at(v);
	u32 n = len(v);
	if (!composite(tx)) {
		for (; n > 0 && !found; n--, p += step)
			found = (u32)same(tx, x, tag_at(elem, p), value_at(elem, p));
	}
	for (; n > 0 && !found; n--, p += step)
		found = (u32)equal(tx, x, tag_at(elem, p), value_at(elem, p));
	rt_out[0] = found;
	return OK;
}

// rt_dyn_cmp orders two values: -1, 0, 1; 2 if one is NaN, NO_SUCH_OVERLOAD if they have no order.
SMALL i32 rt_dyn_cmp(u32 ta, u64 a, u32 tb, u64 b) {
	if (ta < T_BOOL || ta > T_DURATION)
		return NO_SUCH_OVERLOAD;
	if (not_a_number(ta, a) || not_a_number(tb, b))
		return 2;
	if (is_number(ta) && is_number(tb))
		return order_numbers(ta, a, tb, b);
	if (ta != tb)
		return NO_SUCH_OVERLOAD;
	if (ta == T_STRING || ta == T_BYTES)
		return rt_str_cmp(a, b);
	if (ta == T_TIMESTAMP) {
		const u8 *p = PTR(u8, a), *q = PTR(u8, b);
		return rt_ts_cmp((i64)load64(p), (i64)load64(p + 8), (i64)load64(q), (i64)load64(q + 8));
	}
	return ((i64)a > (i64)b) - ((i64)a < (i64)b);
}

// Parts.

// wrap makes an optional of what is in rt_out.
static SMALL void wrap(void) {
	u64 *p = rt_alloc(24);
	p[0] = 1;
	p[1] = rt_out[0];
	p[2] = rt_out[1];
	rt_out[0] = T_OPTIONAL;
	rt_out[1] = ADDR(p);
}

static SMALL void wrap_none(void) {
	u64 *p = rt_alloc(24);
	p[0] = 0;
	rt_out[0] = T_OPTIONAL;
	rt_out[1] = ADDR(p);
}

// rt_dyn_unwrap leaves an optional's value: whether it is there, its tag, the value.
SMALL i32 rt_dyn_unwrap(u32 tag, u64 v) {
	if (KIND(tag) != T_OPTIONAL)
		return NO_SUCH_OVERLOAD;
	u32 there = (u32)unwrap(tag, v);
	rt_out[2] = rt_out[1];
	rt_out[1] = rt_out[0];
	rt_out[0] = there;
	return OK;
}

// part leaves v[key]: OK, ABSENT, or a code; where a list ends, INDEX_OUT_OF_BOUNDS.
static SMALL i32 part(u32 tag, u64 v, u32 kind, u64 key) {
	if (KIND(tag) == T_MAP) {
		i32 i = find_key(KEYS(tag), map_of(v), kind, key);
		return i < 0 ? ABSENT : leave(VALUES(tag), value_of(tag, map_of(v), (u32)i));
	}
	if (KIND(tag) != T_LIST)
		return ABSENT;
	if (!is_number(kind))
		return NO_SUCH_OVERLOAD;
	if (kind == T_DOUBLE) {
		if (!whole(real(key), T_INT))
			return INVALID_ARGUMENT;
		key = rt_out[2];
	} else if (kind == T_UINT && (i64)key < 0) {
		return INVALID_ARGUMENT;
	}
	return key >= len(v) ? INDEX_OUT_OF_BOUNDS : leave(ELEM(tag), at(v) + (u32)key * stride(ELEM(tag)));
}

// flat makes of a value in rt_out, or none, what rt_dyn_unwrap leaves.
static SMALL i32 flat(i32 code) {
	rt_out[2] = rt_out[1];
	rt_out[1] = rt_out[0];
	rt_out[0] = code == OK;
	return code == ABSENT || code == INDEX_OUT_OF_BOUNDS ? OK : code;
}

// rt_dyn_opt is v[?key], as rt_dyn_unwrap leaves it.
SMALL i32 rt_dyn_opt(u32 tag, u64 v, u32 kind, u64 key) {
	if (KIND(tag) != T_OPTIONAL)
		return flat(part(tag, v, kind, key));
	return flat(unwrap(tag, v) ? part((u32)rt_out[0], rt_out[1], kind, key) : ABSENT);
}

// rt_dyn_get is v[key]. It looks into an optional, and then comes to one.
SMALL i32 rt_dyn_get(u32 tag, u64 v, u32 kind, u64 key) {
	i32 code;
	if (KIND(tag) != T_OPTIONAL) {
		code = part(tag, v, kind, key);
		return code == ABSENT ? NO_SUCH_KEY : code;
	}
	code = unwrap(tag, v) ? part((u32)rt_out[0], rt_out[1], kind, key) : ABSENT;
	if (code == OK)
		wrap();
	else if (code == ABSENT || code == INDEX_OUT_OF_BOUNDS)
		wrap_none(), code = OK;
	return code;
}

// chain goes along names, of which those from `optional` on may be missing, and so may all behind an optional. It leaves the value and comes to OK, ABSENT or a
// code. rt_out[3] says whether an optional is to be made of it.
static SMALL i32 chain(u32 tag, u64 v, u64 names, u32 optional) {
	const u8 *name = at(names);
	u32 may = 0;
	rt_out[0] = tag;
	rt_out[1] = v;
	for (u32 i = 0; i < len(names); i++, name += 8) {
		if (KIND(rt_out[0]) == T_OPTIONAL) {
			may = 1;
			if (!unwrap((u32)rt_out[0], rt_out[1])) {
				rt_out[3] = 1;
				return ABSENT;
			}
		}
		may |= i >= optional;
		rt_out[3] = may;
		if (KIND(rt_out[0]) == T_LIST)
			return NO_SUCH_OVERLOAD;
		if (part((u32)rt_out[0], rt_out[1], T_STRING, load64(name)) != OK)
			return ABSENT;
	}
	return OK;
}

// rt_dyn_select is v.a.b, names being a list of strings.
SMALL i32 rt_dyn_select(u32 tag, u64 v, u64 names, u32 optional) {
	i32 code = chain(tag, v, names, optional);
	if (rt_out[3]) {
		if (code == OK)
			wrap();
		else if (code == ABSENT)
			wrap_none(), code = OK;
	}
	return code == ABSENT ? NO_SUCH_KEY : code;
}

// rt_dyn_select_opt is v.a.?b, as rt_dyn_unwrap leaves it: one of the names is optional, and what is missing before it is an error all the same.
SMALL i32 rt_dyn_select_opt(u32 tag, u64 v, u64 names, u32 optional) {
	i32 code = chain(tag, v, names, optional);
	return code == ABSENT && !rt_out[3] ? NO_SUCH_KEY : flat(code);
}

// Lists and maps.

// rt_dyn_size is size(v), -1: it has none.
SMALL i64 rt_dyn_size(u32 tag, u64 v) {
	switch (KIND(tag)) {
	case T_STRING:
		return rt_str_size(v);
	case T_BYTES:
	case T_LIST:
		return len(v);
	case T_MAP:
		return map_of(v)[0];
	}
	return -1;
}

// rt_dyn_count is how many elements or entries there are to go through, -1: that cannot be done.
SMALL i32 rt_dyn_count(u32 tag, u64 v) {
	u32 k = KIND(tag);
	return k == T_LIST ? (i32)len(v) : k == T_MAP ? (i32)map_of(v)[0] : -1;
}

// rt_dyn_nth leaves the i-th element of a list, or the i-th key of a map.
SMALL void rt_dyn_nth(u32 tag, u64 v, u32 i) {
	if (KIND(tag) == T_LIST) {
		leave(ELEM(tag), at(v) + i * stride(ELEM(tag)));
		return;
	}
	u32 keys = KEYS(tag);
	const u8 *p = PTR(u8, map_of(v)[1]) + (keys == T_ANY ? 16 : 8) * i;
	rt_out[0] = tag_at(keys, p);
	rt_out[1] = load64(keys == T_ANY ? p + 8 : p);
}

// rt_dyn_nth_value leaves the value of the i-th entry of a map; of a list, i as an int is left by the caller.
SMALL void rt_dyn_nth_value(u32 tag, u64 v, u32 i) { leave(VALUES(tag), value_of(tag, map_of(v), i)); }

// cells writes the elements of a list as of any type.
static SMALL void cells(u8 *to, u32 elem, u64 list) {
	const u8 *p = at(list);
	u32 step = stride(elem);
	for (u32 n = len(list); n > 0; n--, p += step, to += 16) {
		store32(to, tag_at(elem, p));
		store64(to + 8, value_at(elem, p));
	}
}

// rt_dyn_list is a list as list(any); it must be one.
SMALL u64 rt_dyn_list(u32 tag, u64 v) {
	if (ELEM(tag) == T_ANY)
		return v;
	u8 *to = rt_alloc(16 * len(v));
	cells(to, ELEM(tag), v);
	return STR(to, len(v));
}

// rt_dyn_join is list + list.
SMALL i32 rt_dyn_join(u32 ta, u64 a, u32 tb, u64 b) {
	if (KIND(ta) != T_LIST || KIND(tb) != T_LIST)
		return NO_SUCH_OVERLOAD;
	u32 n = len(a) + len(b);
	if (n > MAX_MADE_ELEMENTS)
		return LIMIT;
	u8 *to = rt_alloc(16 * n);
	cells(to, ELEM(ta), a);
	cells(to + 16 * len(a), ELEM(tb), b);
	rt_out[0] = T_LIST;
	rt_out[1] = STR(to, n);
	return OK;
}

// spread writes the elements of a list, and those of lists in it down to a depth, to `to`, unless that is 0, and counts them; past the limits it stops.
static SMALL u32 spread(u8 *to, u32 tag, u64 v, i64 depth) {
	u32 mark = rt_heap, level = 0, n = 0, lists = 1;
	struct way *ways = rt_alloc(DEEPEST * sizeof *ways), *w = ways;
	w->left = len(v), w->tag = ELEM(tag), w->step = stride(w->tag), w->at = at(v);
	for (;;) {
		w = ways + level;
		if (w->left == 0) {
			if (level == 0)
				break;
			level--;
			continue;
		}
		tag = tag_at(w->tag, w->at);
		v = value_at(w->tag, w->at);
		w->left--;
		w->at += w->step;
		if (KIND(tag) == T_LIST && (i64)level < depth) {
			if (++lists > MAX_MADE_BYTES || level == DEEPEST - 1) {
				n = MAX_MADE_ELEMENTS + 1;
				break;
			}
			w = ways + ++level;
			w->left = len(v), w->tag = ELEM(tag), w->step = stride(w->tag), w->at = at(v);
			continue;
		}
		if (to) {
			store32(to + 16 * n, tag);
			store64(to + 16 * n + 8, v);
		}
		if (++n > MAX_MADE_ELEMENTS)
			break;
	}
	rt_heap = mark;
	return n;
}

// rt_dyn_flatten is list.flatten(depth).
SMALL i32 rt_dyn_flatten(u32 tag, u64 v, i64 depth) {
	if (KIND(tag) != T_LIST)
		return NO_SUCH_OVERLOAD;
	u32 n = spread(0, tag, v, depth);
	if (n > MAX_MADE_ELEMENTS)
		return LIMIT;
	if (depth < 0)
		return INVALID_ARGUMENT;
	u8 *to = rt_alloc(16 * n);
	spread(to, tag, v, depth);
	rt_out[0] = STR(to, n);
	return OK;
}

// rt_dyn_max is the greater of two numbers, or the least; of equal ones the first. What is no number has no place among others.
SMALL i32 rt_dyn_max(u32 ta, u64 a, u32 tb, u64 b, u32 least) {
	if (!is_number(ta) || !is_number(tb) || not_a_number(ta, a) || not_a_number(tb, b))
		return NO_SUCH_OVERLOAD;
	i32 c = order_numbers(ta, a, tb, b);
	u32 second = least ? c > 0 : c < 0;
	rt_out[0] = second ? tb : ta;
	rt_out[1] = second ? b : a;
	return OK;
}

// rt_dyn_extreme is the greatest or least of a list, or a number itself.
SMALL i32 rt_dyn_extreme(u32 tag, u64 v, u32 least) {
	u32 elem = ELEM(tag), step = stride(elem);
	const u8 *p = at(v);
	rt_out[0] = tag;
	rt_out[1] = v;
	if (is_number(tag))
		return OK;
	if (KIND(tag) != T_LIST)
		return NO_SUCH_OVERLOAD;
	if (len(v) == 0)
		return INVALID_ARGUMENT;
	leave(elem, p);
	i32 code = is_number((u32)rt_out[0]) ? OK : NO_SUCH_OVERLOAD;
	for (u32 n = len(v) - 1; n > 0 && code == OK; n--) {
		p += step;
		code = rt_dyn_max((u32)rt_out[0], rt_out[1], tag_at(elem, p), value_at(elem, p), least);
	}
	return code;
}

// rt_dyn_texts is a list as list(string): a function of such lists is not found if the first element is none, and fails over others.
SMALL i32 rt_dyn_texts(u32 tag, u64 v) {
	u32 elem = ELEM(tag), n = len(v);
	rt_out[0] = v;
	if (elem == T_STRING || n == 0)
		return OK;
	u64 *to = rt_alloc(8 * n);
	const u8 *p = at(v);
	u32 step = stride(elem);
	for (u32 i = 0; i < n; i++, p += step) {
		if (tag_at(elem, p) != T_STRING)
			return i == 0 ? NO_SUCH_OVERLOAD : INVALID_ARGUMENT;
		to[i] = value_at(elem, p);
	}
	rt_out[0] = STR(to, n);
	return OK;
}

// rt_dyn_zero is whether a value is the zero value of its type.
SMALL i32 rt_dyn_zero(u32 tag, u64 v) {
	switch (KIND(tag)) {
	case T_NULL:
		return 1;
	case T_BOOL:
	case T_INT:
	case T_UINT:
	case T_DURATION:
		return v == 0;
	case T_DOUBLE:
		return v << 1 == 0;
	case T_STRING:
	case T_BYTES:
	case T_LIST:
		return len(v) == 0;
	case T_MAP:
		return map_of(v)[0] == 0;
	case T_TIMESTAMP:
		return (i64)load64(PTR(u8, v)) == -62135596800 && load32(PTR(u8, v) + 8) == 0;
	}
	return 0;
}

// rt_dyn_is_key is whether a value may be a map's key.
SMALL i32 rt_dyn_is_key(u32 tag, u64 v) { return tag == T_BOOL || tag == T_STRING || (is_number(tag) && !not_a_number(tag, v)); }

// sort_cells sorts the numbers of entries: by key, equal keys as they were written.
static SMALL u32 *sort_cells(u32 *list, u32 *spare, u32 n, const u8 *keys, u32 as_keys) {
	for (u32 width = 1; width < n; width *= 2) {
		u32 out = 0;
		while (out < n) {
			u32 i = out, mid = n - i < width ? n : i + width, j = mid, end = n - j < width ? n : j + width;
			while (out < end) {
				u32 left = j == end;
				if (!left && i < mid) {
					const u8 *p = keys + 16 * list[i], *q = keys + 16 * list[j];
					left = as_keys ? order_keys(load32(p), load64(p + 8), load32(q), load64(q + 8)) <= 0 : rt_dyn_cmp(load32(p), load64(p + 8), load32(q), load64(q + 8)) <= 0;
				}
				spare[out++] = left ? list[i++] : list[j++];
			}
		}
		u32 *t = list;
		list = spare;
		spare = t;
	}
	return list;
}

// taken reports whether one of two keys, side by side in their order, is found where the other is put in later.
static SMALL i32 taken(const u8 *keys, u32 a, u32 b) {
	const u8 *p = keys + 16 * a, *q = keys + 16 * b;
	u32 ka = load32(p), kb = load32(q);
	u64 va = load64(p + 8), vb = load64(q + 8);
	if (ka == kb)
		return order_keys(ka, va, kb, vb) == 0;
	if (!is_number(ka) || !is_number(kb))
		return 0;
	if (ka == T_DOUBLE || kb == T_DOUBLE) { // the double looks for the integer, if it comes later
		if ((ka == T_DOUBLE) == (a < b))
			return 0;
		u32 kind = ka == T_DOUBLE ? kb : ka;
		u64 v = ka == T_DOUBLE ? vb : va;
		return whole(real(ka == T_DOUBLE ? va : vb), kind) && rt_out[2] == v;
	}
	return va == vb && (i64)va >= 0;
}

// rt_dyn_seal is rt_map_seal for keys of any kinds, of 16 bytes each.
SMALL i32 rt_dyn_seal(u32 n, const u8 *keys, const u8 *values, u32 step, u32 mode, const u8 *present) {
	u32 over = n > MAX_MADE_ELEMENTS;
	if (over) {
		if (mode == SEAL_LAST)
			return LIMIT;
		n = MAX_MADE_ELEMENTS + 1; // a key that is there already is an error before the limit is
	}
	u32 *map = rt_alloc(12);
	u8 *sorted = rt_alloc(16 * n), *to = rt_alloc(step * n);
	u32 mark = rt_heap, count = 0;
	u32 *list = rt_alloc(4 * n), *spare = rt_alloc(4 * n);
	for (u32 i = 0; i < n; i++)
		list[i] = i;
	list = sort_cells(list, spare, n, keys, 1);
	for (u32 i = 0; i < n; i++) {
		u32 e = list[i];
		if (mode == SEAL_UNIQUE) {
			// Equal numbers of other types stand close: an int, a uint, and doubles that it rounds to.
			for (u32 j = i + 1; j < n; j++) {
				const u8 *p = keys + 16 * e, *q = keys + 16 * list[j];
				u32 ka = load32(p), kb = load32(q);
				if (taken(keys, e, list[j]))
					return INVALID_ARGUMENT;
				if (!is_number(ka) || !is_number(kb) || rounded(ka, load64(p + 8)) != rounded(kb, load64(q + 8)))
					break;
			}
		} else if (i + 1 < n) {
			const u8 *p = keys + 16 * e, *q = keys + 16 * list[i + 1];
			if (load32(p) == load32(q) && order_keys(load32(p), load64(p + 8), load32(q), load64(q + 8)) == 0)
				continue;
		}
		if (present == 0 || present[e]) {
			rt_copy(sorted + 16 * count, keys + 16 * e, 16);
			rt_copy(to + count * step, values + e * step, step);
			count++;
		}
	}
	if (over)
		return LIMIT;
	rt_heap = mark;
	map[0] = count;
	map[1] = ADDR(sorted);
	map[2] = ADDR(to);
	rt_out[0] = ADDR(map);
	return OK;
}

// rt_dyn_sort is a list in the order of its elements' keys, which are of one type that has an order.
SMALL i32 rt_dyn_sort(u32 tag, u64 v, u32 key_tag, u64 keys) {
	if (KIND(tag) != T_LIST || KIND(key_tag) != T_LIST)
		return NO_SUCH_OVERLOAD;
	u32 n = len(keys);
	const u8 *from = at(rt_dyn_list(tag, v)), *by = at(rt_dyn_list(key_tag, keys));
	u8 *to = rt_alloc(16 * n);
	u32 *list = rt_alloc(4 * n), *spare = rt_alloc(4 * n);
	for (u32 i = 0; i < n; i++) {
		u32 kind = load32(by + 16 * i);
		if (KIND(kind) != KIND(load32(by)) || not_a_number(kind, load64(by + 16 * i + 8)) || kind < T_BOOL || kind > T_DURATION)
			return INVALID_ARGUMENT;
		list[i] = i;
	}
	list = sort_cells(list, spare, n, by, 0);
	for (u32 i = 0; i < n; i++)
		rt_copy(to + 16 * i, from + 16 * list[i], 16);
	rt_out[0] = STR(to, n);
	return OK;
}
