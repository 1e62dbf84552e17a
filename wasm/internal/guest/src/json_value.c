// Values of a request, by their types, in the forms that records have.

#include "json.h"

// whole_number reads a number of JSON that is an integer of up to 2^53 in magnitude, exactly, however it is written: 5, 5.0, 1e3, 50e-1. It is one if the last digit
// that is not 0 does not stand behind the point, and a double below 2^53 has no other integer near. 2^53+1 is read as 2^53, which ends with a 2.
static ONCE i32 whole_number(str s, u32 is_uint) {
	const u8 *p = at(s), *end = p + len(s);
	u32 n = 0, point = 0, last = 0, place = 0;
	for (; p < end && (*p | 0x20) != 'e'; p++) {
		if (*p == '.') {
			point = n + 1;
			continue;
		}
		n++; // a sign too
		if (*p > '0') {
			last = *p;
			place = n;
		}
	}
	rt_out[0] = 0;
	if (last == 0) {
		return OK;
	}
	if (p < end && rt_str_to_int(STR(p + 1, end - p - 1)) != OK) {
		return BAD_VALUE;
	}
	i64 power = (i64)rt_out[0] + (point ? point - 1 : n) - place;
	if (power < 0 || rt_str_to_double(s) != OK || rt_double_to_int(real(rt_out[0])) != OK) {
		return BAD_VALUE;
	}
	u64 v = rt_out[0], magnitude = *at(s) == '-' ? -v : v;
	return (magnitude - (last == '2')) >> 53 || (is_uint && v != magnitude) ? BAD_VALUE : OK;
}

// integer reads a number, or a string as JSON would write the integer: no sign but '-', no leading zeros, not "-0".
static ONCE i32 integer(const struct token *t, u32 is_uint) {
	const u8 *p = at(t->s);
	u32 n = len(t->s), first = p[*p == '-'];
	if (t->kind == NUMBER) {
		return whole_number(t->s, is_uint);
	}
	if (n == 0 || *p == '+' || (first == '0' && n > 1)) {
		return BAD_VALUE;
	}
	return is_uint ? rt_str_to_uint(t->s) : rt_str_to_int(t->s);
}

// moment is stricter than CEL: up to nine decimals, and no year 0.
static ONCE i32 moment(str s) {
	const u8 *p = at(s);
	u32 n = len(s);
	if (rt_ts_parse(s) != OK || n > (p[n - 1] == 'Z' ? 30 : 35) || load32(p) == 0x30303030) {
		return BAD_VALUE;
	}
	rt_out[1] = (u32)rt_out[1]; // without the offset
	return OK;
}

// mapped_address reads an IPv4 address in IPv6 form, which CEL does not take; 0: it is none.
static SMALL u8 *mapped_address(const u8 *p, u32 n) {
	u8 *ip = rt_alloc(ADDRESS_BYTES);
	rt_fill(ip, 0, ADDRESS_BYTES);
	ip[FAMILY] = 4;
	return groups(p, p + n, ip + ADDRESS) ? ip : 0;
}

static ONCE i32 ip_address(str s) {
	u8 *ip = address(at(s), len(s));
	return set_address(ip ? ip : mapped_address(at(s), len(s)));
}

// rt_json_cidr reads a range, whose bits below the prefix are 0.
SMALL i32 rt_json_cidr(str s) {
	const u8 *p = at(s);
	u32 n = len(s), slash = n, bits = 0;
	while (slash > 0 && p[slash - 1] != '/') {
		slash--;
	}
	u32 digits = n - slash;
	if (slash == 0 || digits - 1 > 2 || (digits > 1 && p[slash] == '0')) {
		return BAD_VALUE;
	}
	u8 *c = address(p, slash - 1);
	if (c == 0) {
		c = mapped_address(p, slash - 1);
	} else if (c[FAMILY] == 4) {
		bits = 96;
	}
	bits += decimal(p + slash, digits);
	if (c == 0 || bits > 128) {
		return BAD_VALUE;
	}
	c[BITS] = (u8)bits;
	return rt_cidr_is_mask(c) ? set_address(c) : BAD_VALUE;
}

// rt_json_bytes reads base64 with padding, without line ends, whose bits that no byte needs are 0.
SMALL i32 rt_json_bytes(str s) {
	const u8 *p = at(s), *end = p + len(s);
	u32 pads = 0;
	for (const u8 *c = p; c < end; c++) {
		pads += *c == '=';
		if (*c < '+') {
			return BAD_VALUE;
		}
	}
	if (len(s) % 4 != 0 || rt_base64_decode(s) != OK) {
		return BAD_VALUE;
	}
	return pads && sextet(end[-1 - (i32)pads], 0) & (pads == 1 ? 3 : 15) ? BAD_VALUE : OK;
}

// find is the attribute of that name; 0: there is none.
static SMALL const struct attribute *find_attribute(const struct type *t, str name) {
	const struct attribute *a = PTR(const struct attribute, t->of);
	for (u32 n = t->n; n > 0; n--, a++) {
		if (a->size == len(name) && rt_str_eq(STR(PTR(const u8, a->name), a->size), name)) {
			return a;
		}
	}
	return 0;
}

// members says of the members of an object that they are to be read into a body.
static SMALL void read_members(struct token *o, const struct type *type, u32 body) {
	struct token *t = o + 1;
	for (u32 n = len(o->s); n > 0; n--) {
		t->type = ADDR(type) | IS_NAME;
		t->dest = body;
		t->next = o->next;
		t = PTR(struct token, t[1].next);
	}
}

// read_entries says of the elements of a list, or of the values of a map, that they are to be read, each to its place. The keys of a map are put in order.
static ONCE void read_entries(struct token *t, const struct type *type, u32 is_map) {
	u32 n = len(t->s), *names = 0, *map = 0;
	if (is_map) {
		names = by_name(t);
		map = rt_alloc(12);
	}
	u32 dest = ADDR(rt_alloc(n * type->size));
	str *keys = 0;
	if (is_map) {
		keys = rt_alloc(8 * n);
		map[0] = n;
		map[1] = ADDR(keys);
		map[2] = dest;
	}
	rt_out[0] = is_map ? ADDR(map) : (u64)n << 32 | dest;
	struct token *e = t + 1;
	for (u32 i = 0; i < n; i++) {
		if (is_map) {
			e = PTR(struct token, names[i]);
			keys[i] = e++->s;
		}
		e->type = type->of;
		e->dest = dest;
		dest += type->size;
		e = PTR(struct token, e->next);
	}
}

// The kinds of tokens that each kind of type takes.
static const u8 takes[] = {
	[BOOL] = NO_ | YES_, [INT] = NUMBER | TEXT, [UINT] = NUMBER | TEXT, [DOUBLE] = NUMBER, [STRING] = TEXT, [BYTES] = TEXT, [TIMESTAMP] = TEXT, [DURATION] = TEXT,
	[IP] = TEXT, [CIDR] = TEXT, [ANY] = 0x7f, [LIST] = ARRAY, [MAP] = RECORD, [OBJECT] = RECORD, [LEVEL_OF_SESSION] = NUMBER | TEXT, [POSTURE] = TEXT, [NAME] = TEXT,
};

// What a value of any is, by its token: tags, and kinds.
static const u8 any_tags[] = {1, 2, 2, 5, 6, 12, 109};
static const u8 any_kinds[] = {NOTHING, BOOL, BOOL, DOUBLE, STRING, LIST, MAP};

// read_value reads the value of a token; of a list or object, what it is, and its parts are left to be read.
static ONCE u32 read_value(struct token *t) {
	const struct type *type = PTR(const struct type, t->type);
	u32 dest = t->dest;
	i32 code = OK;
	if (type->kind == RESOURCE) {
		type = PTR(const struct type, json.action->resource);
	}
	u32 kind = type->kind;
	if (!(takes[kind] & t->kind)) {
		return MISMATCH;
	}
	if (kind == ANY) {
		u32 i = (u32)__builtin_ctz(t->kind);
		kind = any_kinds[i];
		store32(PTR(u8, dest), any_tags[i]);
		dest += 8;
		store64(PTR(u8, dest), 0);
	}
	switch (kind) {
	case BOOL:
		*PTR(u8, dest) = t->kind == YES_;
		return FINE;
	case STRING:
		rt_out[0] = t->s;
		break;
	case DOUBLE:
		code = rt_str_to_double(t->s);
		break;
	case INT:
	case UINT:
	case LEVEL_OF_SESSION:
		code = integer(t, kind == UINT);
		break;
	case BYTES:
		code = rt_read_bytes(t->s);
		break;
	case TIMESTAMP:
		code = moment(t->s);
		break;
	case DURATION:
		code = rt_dur_parse(t->s);
		break;
	case IP:
		code = ip_address(t->s);
		break;
	case CIDR:
		code = rt_read_cidr(t->s);
		break;
	case LIST:
	case MAP:
		if (len(t->s) > type->n) {
			return TOO_MANY;
		}
		read_entries(t, type, kind == MAP);
		break;
	case OBJECT: {
		u8 *body = rt_alloc(type->size);
		rt_fill(body, 0, type->size);
		read_members(t, type, ADDR(body));
		rt_out[0] = ADDR(body);
		break;
	}
	case POSTURE: {
		const struct attribute *a = find_attribute(&rt_json.postures, t->s);
		if (a == 0) {
			return UNKNOWN_NAME;
		}
		json.posture = PTR(const struct posture, a->type);
		return FINE;
	}
	default:
		return FINE;
	}
	if (code != OK) {
		return NOT_IN_RANGE;
	}
	store32(PTR(u8, dest), (u32)rt_out[0]);
	if (!(1u << kind & (1u << IP | 1u << CIDR | 1u << MAP | 1u << OBJECT))) { // those are addresses
		store32(PTR(u8, dest + 4), (u32)(rt_out[0] >> 32));
	}
	if (kind == TIMESTAMP) {
		store64(PTR(u8, dest + 8), rt_out[1]);
	}
	return FINE;
}

static SMALL u32 wrong(u32 what, struct token *t) {
	json.flaw = t;
	return what;
}

// read_tokens reads all values, in the order in which they stand. The level of a session is refused behind the session, whose other faults come first.
static SMALL u32 read_tokens(struct token *t) {
	struct token *level = 0, *behind = 0;
	for (;; t++) {
		if (level && t >= behind) {
			return wrong(COMPUTED, level);
		}
		if (t >= json.end) {
			return FINE;
		}
		if (t->type & IS_NAME) {
			const struct type *o = PTR(const struct type, t->type & ~(u32)IS_NAME);
			const struct attribute *a = find_attribute(o, t->s);
			struct token *v = t + 1;
			if (a == 0) {
				return wrong(UNKNOWN_NAME, v);
			}
			u32 kind = PTR(const struct type, a->type)->kind, lazy = a->lazy & ~(u32)SENSITIVE;
			if (lazy) {
				json.known |= (u64)1 << (lazy - 1);
			}
			if (v->kind == NIL && (o->nulls == NULL_IS_MISSING || (o->nulls && kind != ANY))) {
				continue;
			}
			u32 bit = (u32)(a - PTR(const struct attribute, o->of));
			PTR(u32, t->dest)[bit / 32] |= 1u << bit % 32;
			v->type = a->type;
			v->dest = t->dest + a->offset;
			if (kind == LEVEL_OF_SESSION) {
				level = v;
				behind = PTR(struct token, t->next);
			}
		} else if (t->type) {
			u32 what = read_value(t);
			if (what) {
				return wrong(what, t);
			}
		}
	}
}
