// JSON's grammar (RFC 8259), and what docs/language.md forbids besides: sizes, nesting, equal names, text that is no UTF-8. A text becomes a row of tokens.

#include "json.h"

static SMALL u8 *space(u8 *p) {
	while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t') {
		p++;
	}
	return p;
}

// note keeps the first flaw. Where the text is not JSON that counts more, so reading goes on.
static SMALL void note(u32 what, struct token *t) {
	if (!json.what) {
		json.what = what;
		json.flaw = t;
	}
}

// hex4 is the value of four hexadecimal digits, or more than any.
static ONCE u32 hex4(const u8 *p) {
	u32 v = 1;
	do {
		u32 d = *p++ - (u32)'0';
		if (d > 9) {
			d = ((d + '0') | 0x20) - 'a';
			if (d > 5) {
				return 1 << 16;
			}
			d += 10;
		}
		v = v << 4 | d;
	} while (v >> 16 == 0);
	return v & 0xffff;
}

// put_rune writes UTF-8; half of a surrogate pair as what is none.
static ONCE u8 *put_rune(u8 *p, u32 r) {
	u32 more = (r >= 0x80) + (r >= 0x800) + (r >= 0x10000);
	*p++ = (u8)(0xff00 >> (more + (more != 0)) | r >> 6 * more);
	while (more > 0) {
		more--;
		*p++ = (u8)(0x80 | (r >> 6 * more & 0x3f));
	}
	return p;
}

// string reads a string from behind its quote, and leaves what it means where it stood. Flaws in it are the owner's. 0: it is none.
static SMALL u8 *string(struct token *t, u8 *p, struct token *owner) {
	u8 *start = p, *to = p, *after = 0;
	u32 c, high = 0;
	for (;;) {
		while ((c = *p) >= ' ' && c != '"' && c != '\\') {
			*to++ = (u8)c;
			p++;
		}
		if (c != '\\') {
			break;
		}
		c = p[1];
		p += 2;
		if (c != 'u') {
			const u8 *pair = (const u8 *)"\"\"\\\\//b\bf\fn\nr\rt\t";
			while (*pair != c) {
				pair += 2;
				if (*pair == 0) {
					return 0;
				}
			}
			*to++ = pair[1];
			continue;
		}
		u32 r = hex4(p);
		p += 4;
		if (r > 0xffff) {
			return 0;
		}
		if (r >> 10 == 0x37 && p - 6 == after) {
			r = 0x10000 + ((high & 0x3ff) << 10) + (r & 0x3ff);
			to -= 3;
		}
		if (r >> 10 == 0x36) { // it stands for itself, which is wrong, unless the other half follows
			high = r;
			after = p;
		}
		to = put_rune(to, r);
	}
	if (c != '"') {
		return 0;
	}
	t->s = STR(start, to - start);
	if (to - start > MAX_STRING) {
		note(LONG_TEXT, owner);
	}
	if (!rt_utf8_valid(t->s)) {
		note(NOT_UTF8, owner);
	}
	return p + 1;
}

static SMALL u8 *digits_of(u8 *p) {
	u8 *start = p;
	while (*p - (u32)'0' <= 9) {
		p++;
	}
	return p == start ? 0 : p;
}

// number reads `[ minus ] int [ frac ] [ exp ]`; 0: it is none.
static ONCE u8 *numeral(u8 *p) {
	p += *p == '-';
	p = *p == '0' ? p + 1 : digits_of(p);
	if (p && *p == '.') {
		p = digits_of(p + 1);
	}
	if (p && (*p | 0x20) == 'e') {
		p++;
		p = digits_of(p + (*p == '+' || *p == '-'));
	}
	return p;
}

// by_name returns the names of an object in their order: addresses of tokens. It notes one that is there twice.
static SMALL u32 *by_name(struct token *o) {
	u32 n = len(o->s), *names = rt_alloc(4 * n), *spare = rt_alloc(4 * n), *list = rt_alloc(4 * n);
	str *keys = rt_alloc(8 * n);
	struct token *t = o + 1;
	for (u32 i = 0; i < n; i++) {
		list[i] = i;
		keys[i] = t->s;
		names[i] = ADDR(t);
		t = PTR(struct token, t[1].next);
	}
	u32 *sorted = sort(list, spare, n, keys, KEY_STR), *out = sorted == list ? spare : list;
	str last = 0;
	for (u32 i = 0; i < n; i++) {
		str key = keys[sorted[i]];
		out[i] = names[sorted[i]];
		if (i > 0 && rt_str_cmp(last, key) == 0) {
			note(TWICE, o);
		}
		last = key;
	}
	return out;
}

static SMALL struct token *token(u8 *p, u32 kind) {
#ifdef __wasm__
	struct token *t = rt_alloc(sizeof(struct token)); // one behind the other
#else
	struct token *t = json.end;
#endif
	json.end = t + 1;
	t->s = STR(p, 0);
	t->next = ADDR(json.end);
	t->type = 0;
	t->kind = kind;
	return t;
}

// leaf reads a value that is no list and no object; 0: it is none.
static ONCE u8 *leaf(u8 *p, u32 c) {
	struct token *t = token(p, NUMBER);
	if (c == '"') {
		t->kind = TEXT;
		return string(t, p + 1, t);
	}
	u32 word = load32(p), kind = word == 0x6c6c756e ? NIL : word == 0x65757274 ? YES_ : 0;
	if (load32(p + 1) == 0x65736c61 && c == 'f') {
		kind = NO_;
		p++;
	}
	if (kind) {
		t->kind = kind;
		return p + 4;
	}
	u8 *end = numeral(p);
	t->s = STR(p, end - p);
	return end;
}

// scan makes tokens of a text, and reports whether it is JSON. Where it ends, there is a byte for the time being that is nowhere in the grammar.
static SMALL u32 scan_json(u8 *p, u8 *end) {
	struct token *top = 0;
	u32 depth = 0;
	for (;;) {
		p = space(p);
		if (top && top->kind == RECORD) {
			if (*p != '"') {
				return 0;
			}
			p = string(token(p, TEXT), p + 1, top);
			if (!p) {
				return 0;
			}
			p = space(p);
			if (*p++ != ':') {
				return 0;
			}
			p = space(p);
		}
		u32 c = *p;
		if ((c | 0x20) == '{') {
			struct token *t = token(p, c == '{' ? RECORD : ARRAY);
			if (depth++ == MAX_DEPTH) {
				note(TOO_DEEP, top);
			}
			t->next = ADDR(top);
			top = t;
			p = space(p + 1);
			if (*p != c + 2) {
				continue;
			}
			t->s -= (u64)1 << 32; // it ends like after an entry, and has none
		} else {
			p = leaf(p, c);
			if (!p) {
				return 0;
			}
		}
		for (;;) {
			p = space(p);
			if (!top) {
				return p == end;
			}
			top->s += (u64)1 << 32;
			if (*p == ',') {
				p++;
				break;
			}
			if (*p != *at(top->s) + 2) {
				return 0;
			}
			p++;
			struct token *closed = top;
			top = PTR(struct token, closed->next);
			closed->next = ADDR(json.end);
			depth--;
			if (closed->kind == RECORD) {
				u32 mark = rt_heap;
				by_name(closed);
				rt_heap = mark;
			}
		}
	}
}
