// `format` of values whose type is known only at run time (dyn.c).

#include "rt.h"

// Lists and maps that are being written, one in the other: a condition nests at most 250 deep, and what it reads at most 64.
enum { NESTING = 400 };

struct open {
	u32 tag, count;
	u64 value;
	u32 next;    // number of the element or entry that comes next
	u32 entered; // of a map: the key is written
	u32 last;    // of a map whose keys are sorted by their texts: the entry that was written last
};

// What is wrong with a text, or may be.
enum { NO_TEXT = 1, MAY_BE_BYTES = 2 };

// print_room is room for what rt_dyn_print goes into. It comes before the text that grows.
void *rt_print_room(void) { return rt_alloc(NESTING * sizeof(struct open)); }

// word_text is a text of up to eight bytes.
static SMALL str word_text(u64 word) {
	u8 *p = rt_alloc(8);
	return STR(p, put_word(p, word) - p);
}

// type_name is the name of the type of a kind.
static SMALL str type_name(u32 kind) {
	static const u8 names[] = "|null_type|bool|int|uint|double|string|bytes|google.protobuf.Timestamp|google.protobuf.Duration|net.IP|net.CIDR|list|map|"
				  "optional_type|type|";
	const u8 *p = names;
	for (; kind > 0; kind--) {
		while (*p++ != '|') {
		}
	}
	u32 n = 0;
	while (p[n] != '|') {
		n++;
	}
	return STR(p, n);
}

// scalar_text is the text of a value that has no parts; of one that has none it is empty.
static SMALL str scalar_text(u32 tag, u64 v) {
	const u64 *p = PTR(const u64, v);
	switch (KIND(tag)) {
	case T_NULL:
		return word_text(0x6c6c756e);
	case T_BOOL:
		return word_text(v ? 0x65757274 : 0x65736c6166);
	case T_INT:
		return rt_int_to_str((i64)v);
	case T_UINT:
		return rt_uint_to_str(v);
	case T_DOUBLE:
		return rt_double_plain(real(v));
	case T_STRING:
	case T_BYTES:
		return v;
	case T_TIMESTAMP:
		return rt_ts_to_str((i64)p[0], (i64)(u32)p[1]);
	case T_DURATION:
		return rt_dur_to_str((i64)v);
	case T_TYPE:
		return type_name(KIND((u32)v));
	}
	return 0;
}

// entry_text is the text of the i-th key of a map.
static SMALL str entry_text(const struct open *o, u32 i) {
	rt_dyn_nth(o->tag, o->value, i);
	return scalar_text((u32)rt_out[0], rt_out[1]);
}

// by_text is the entry of a map that comes next by the texts of keys.
static SMALL u32 by_text(const struct open *o) {
	u32 keys = KEYS(o->tag), best = o->count, mark = rt_heap;
	if (keys == T_STRING || keys == T_BOOL) { // in their order already
		return o->next;
	}
	for (u32 i = 0; i < o->count; i++) {
		str s = entry_text(o, i);
		if (o->next > 0) {
			i32 c = rt_str_cmp(entry_text(o, o->last), s);
			if (c > 0 || (c == 0 && i <= o->last)) {
				continue;
			}
		}
		if (best == o->count || rt_str_cmp(s, entry_text(o, best)) < 0) {
			best = i;
		}
		rt_heap = mark;
	}
	rt_heap = mark;
	return best;
}

// lacks_text reports whether a value that has no parts has no text.
static inline u32 lacks_text(u32 kind) { return kind == T_IP || kind == T_CIDR || kind == T_OPTIONAL || kind == T_ANY; }

// print writes a value as %s does, behind a text that grows.
static SMALL i32 print(struct open *bottom, str text, u32 tag, u64 v) {
	struct open *o = bottom;
	i32 flags = 0;
	for (;;) {
		u32 kind = KIND(tag);
		if ((kind == T_LIST || kind == T_MAP) && o < bottom + NESTING) {
			o->tag = tag;
			o->value = v;
			o->count = (u32)rt_dyn_count(tag, v);
			o->next = o->entered = o->last = 0;
			text = rt_str_grow(text, word_text(kind == T_LIST ? '[' : '{'));
			o++;
		} else {
			flags |= lacks_text(kind) ? NO_TEXT : kind == T_BYTES ? MAY_BE_BYTES : 0;
			text = rt_str_grow(text, scalar_text(tag, v));
		}
		// What comes next, out of what is done.
		while (o > bottom && o[-1].next == o[-1].count && !o[-1].entered) {
			o--;
			text = rt_str_grow(text, word_text(KIND(o->tag) == T_LIST ? ']' : '}'));
		}
		if (o == bottom || len(text) > MAX_MADE_BYTES) {
			rt_out[0] = text;
			return flags;
		}
		struct open *in = o - 1;
		if (in->entered) {
			in->entered = 0;
			text = rt_str_grow(text, word_text(0x203a)); // a colon
			rt_dyn_nth_value(in->tag, in->value, in->last);
		} else {
			if (in->next > 0) {
				text = rt_str_grow(text, word_text(0x202c)); // a comma
			}
			u32 i = in->next;
			if (KIND(in->tag) == T_MAP) {
				in->last = i = by_text(in);
				in->entered = 1;
			}
			in->next++;
			rt_dyn_nth(in->tag, in->value, i);
		}
		tag = (u32)rt_out[0];
		v = rt_out[1];
	}
}

// clause_text is the text of a value by a verb other than s; 0, and NO_TEXT in rt_out[1]: the verb does not take it.
static SMALL str clause_text(u32 kind, u64 v, u32 verb, u32 decimals) {
	u32 whole = kind == T_INT || kind == T_UINT, upper = verb == 'X';
	rt_out[1] = 0;
	if ((verb == 'f' || verb == 'e') && is_number(kind)) {
		f64 d = kind == T_DOUBLE ? real(v) : kind == T_INT ? (f64)(i64)v : (f64)v;
		return rt_double_rounded(d, decimals, verb == 'e');
	}
	if (verb == 'b' && kind == T_BOOL) {
		return word_text(v ? '1' : '0');
	}
	u32 shift = verb == 'b' ? 1 : verb == 'o' ? 3 : (verb | 0x20) == 'x' ? 4 : 0;
	if (whole && shift != 0) {
		return kind == T_INT ? rt_int_base((i64)v, shift, upper) : rt_uint_base(v, shift, upper);
	}
	if ((kind == T_STRING || kind == T_BYTES) && shift == 4) {
		return rt_str_hex(v, upper);
	}
	rt_out[1] = NO_TEXT;
	return 0;
}

// rt_dyn_print writes a value as a verb does, behind a text that grows, which it leaves. It returns what is wrong.
SMALL i32 rt_dyn_print(void *room, str text, u32 tag, u64 v, u32 verb, u32 decimals) {
	u32 kind = KIND(tag);
	if (verb == 's' || verb == 'd') {
		i32 wrong = verb == 'd' && !is_number(kind) ? NO_TEXT : 0;
		return print(room, text, tag, v) | wrong;
	}
	str s = clause_text(kind, v, verb, decimals);
	i32 wrong = (i32)rt_out[1];
	rt_out[0] = rt_str_grow(text, s);
	return wrong;
}

// read_clause reads what stands behind a %: the verb << 8 | decimals, and where it ends in rt_out[0]; 0: it is wrong.
static SMALL u32 read_clause(const u8 *p, const u8 *end) {
	u32 decimals = 6;
	if (p < end && *p == '.') {
		u32 n = 0;
		decimals = 0;
		for (p++; p < end && *p - (u32)'0' <= 9; p++, n++) {
			decimals = decimals * 10 + (*p - (u32)'0');
			decimals = decimals > 100 ? 101 : decimals;
		}
		if (n == 0 || decimals > 100) {
			return 0;
		}
	}
	if (p == end) {
		return 0;
	}
	u32 c = *p;
	rt_out[0] = ADDR(p + 1);
	u32 known = c == 's' || c == 'd' || c == 'f' || c == 'e' || c == 'b' || c == 'o' || (c | 0x20) == 'x';
	return known ? c << 8 | decimals : 0;
}

// rt_dyn_format is a text with clauses, for which the elements of a list stand.
SMALL i32 rt_dyn_format(str format, u32 tag, u64 list) {
	void *room = rt_print_room();
	str text = STR(rt_alloc(0), 0);
	const u8 *p = at(format), *end = p + len(format);
	u32 arg = 0, wrong = 0;
	i32 code = OK;
	while (p < end && code == OK) {
		const u8 *from = p;
		while (p < end && *p != '%') {
			p++;
		}
		u32 escaped = end - p >= 2 && p[1] == '%';
		text = rt_str_grow(text, STR(from, p - from + (i32)escaped));
		if (escaped) {
			p += 2;
			continue;
		}
		if (p == end) {
			break;
		}
		u32 clause = read_clause(p + 1, end);
		p = PTR(const u8, rt_out[0]);
		if (arg == len(list)) {
			code = INDEX_OUT_OF_BOUNDS;
		} else if (clause == 0) {
			code = INVALID_ARGUMENT;
		} else {
			rt_dyn_nth(tag, list, arg++);
			wrong |= (u32)rt_dyn_print(room, text, (u32)rt_out[0], rt_out[1], clause >> 8, clause & 0xff);
			text = rt_out[0];
		}
	}
	if (len(text) > MAX_MADE_BYTES) {
		return LIMIT;
	}
	if (wrong & NO_TEXT) {
		return INVALID_ARGUMENT;
	}
	if (code == OK && (wrong & MAY_BE_BYTES) && !rt_utf8_valid(text)) {
		return BAD_VALUE;
	}
	rt_out[0] = text;
	return code;
}
