// The entry: text in, text out.

#include "json.h"

static SMALL void put_str(str s) { json.out = rt_str_grow(json.out, s); }

// put_text writes a text, which ends with a byte of 0, and returns what stands behind that.
static SMALL const char *put_text(const char *text) {
	u32 n = 0;
	while (text[n]) {
		n++;
	}
	put_str(STR(text, n));
	return text + n + 1;
}

static SMALL void put_at(u32 address) { put_text(PTR(const char, address)); }

// put_name writes a name as a part of a JSON Pointer (RFC 6901) inside of a string.
static SMALL void put_name(str name) {
	const u8 *p = at(name), *end = p + len(name);
	u8 *start = rt_alloc(6 * len(name) + 1), *to = start;
	*to++ = '/';
	for (; p < end; p++) {
		u32 c = *p;
		if (c < ' ') {
			store32(to, 0x3030755c); // \u00
			to[4] = (u8)('0' + (c >> 4));
			c &= 15;
			to[5] = (u8)(c < 10 ? '0' + c : 'a' - 10 + c);
			to += 6;
			continue;
		}
		if (c == '"' || c == '\\') {
			*to++ = '\\';
		}
		if (c == '~' || c == '/') {
			*to++ = '~';
			c = '0' + (c == '/');
		}
		*to++ = (u8)c;
	}
	put_str(STR(start, to - start));
}

// type_of is the type of a text's request: the caller's, or the host's.
static SMALL const struct type *type_of(u32 second) { return !second ? &rt_json.caller : json.root[0] ? &rt_json.beside : &rt_json.alone; }

// put_path writes where a value stands. In a sensitive signal that ends before the first name that the policy does not know.
static ONCE void put_path(const struct token *target) {
	u32 second = json.root[1] && target >= json.root[1], sensitive = 0;
	const struct token *t = json.root[second];
	const struct type *type = type_of(second);
	if (t != target) {
		put_text("\",\"path\":\"");
	}
	while (t != target) {
		u32 named = t->kind == RECORD, n = 0;
		const struct token *e = t + 1;
		while (PTR(const struct token, e[named].next) <= target) {
			e = PTR(const struct token, e[named].next);
			n++;
		}
		const struct type *of = type;
		type = 0;
		if (of && of->kind == (named ? OBJECT : LIST)) {
			type = PTR(const struct type, of->of);
			if (named) {
				const struct attribute *a = find_attribute(of, e->s);
				type = 0;
				if (a) {
					type = PTR(const struct type, a->type);
					if (a->lazy & SENSITIVE) {
						sensitive = 2;
					}
				}
			}
		}
		if (sensitive == 1 && type == 0) {
			return;
		}
		sensitive = sensitive != 0;
		put_name(named ? e->s : rt_int_to_str(n));
		t = e + named;
	}
}

static const char *const messages[] = {
	[TOO_LONG] = "the text is longer than 1 MiB",
	[NO_JSON] = "the text is not JSON",
	[NOT_UTF8] = "the text has bytes that are not UTF-8, or half of a surrogate pair",
	[TOO_DEEP] = "lists and objects are nested more than 64 deep",
	[TWICE] = "the object has a name twice",
	[LONG_TEXT] = "the string is longer than 64 KiB",
	[NO_ACTION] = "the request has no action",
	[NO_NOW] = "the request has no time",
	[NO_SUCH_ACTION] = "no such action is declared",
	[UNKNOWN_NAME] = "nothing of this name is declared, or it is not the caller's to send",
	[MISMATCH] = "the value is not of the type that is declared",
	[NOT_IN_RANGE] = "the value is none of the type that is declared",
	[TOO_MANY] = "there are more entries than are allowed",
	[COMPUTED] = "the level of a session is computed; it cannot be sent",
};

static SMALL void put_refusal(u32 what) {
	put_text("{\"effect\":\"deny\",\"error\":{\"code\":\"");
	put_text(what == NO_SUCH_ACTION ? "unknown_action" : "invalid_request");
	put_text("\",\"message\":\"");
	put_text(messages[what]);
	if (what == NO_ACTION) {
		put_text("\",\"path\":\"/action");
	} else if (what == NO_NOW) {
		put_text("\",\"path\":\"/now");
	} else if (json.flaw) {
		put_path(json.flaw);
	}
	put_text("\"}}");
}

static SMALL u32 in_set(u32 set, u32 rule) { return PTR(const u32, set)[rule / 32] >> rule % 32 & 1; }

// The codes of errors, from the first, and what they mean.
static const char *const codes[] = {
	"no_such_attribute\0an attribute is missing",
	"no_such_key\0a key is missing",
	"index_out_of_bounds\0an index is out of bounds",
	"overflow\0a number is out of range",
	"divide_by_zero\0division by zero",
	"no_such_overload\0no such operation for these types",
	"bad_value\0a text or number cannot be converted",
	"invalid_argument\0an argument is not valid",
	"optional_none\0an optional has no value",
	"limit\0a limit was reached",
};

// The lists of rules in a decision.
enum { REASONS, SHADOW, INDETERMINATE };

static SMALL void put_rules(const char *before, u32 which, const u32 *faults) {
	const struct decision *d = state();
	const u32 *rules = PTR(const u32, json.action->rules);
	u32 any = 0;
	for (u32 i = 0; i < json.action->rules_n; i++) {
		const struct words *r = PTR(const struct words, rules[i]);
		u32 fault = faults[i], waits = which == SHADOW && in_set(d->waiting, i);
		u32 shown = which == INDETERMINATE ? fault : in_set(which == REASONS ? d->reasons : d->shadow, i) | waits;
		if (r->shadow != (which == SHADOW) || !shown) {
			continue;
		}
		put_text(any ? "," : before);
		any = 1;
		put_at(r->id);
		if (which != INDETERMINATE) {
			put_at(r->rest);
		}
		if (fault && which != REASONS && !waits) {
			put_text(",\"code\":\"");
			const char *meaning = put_text(codes[(fault & 0xff) - NO_SUCH_ATTRIBUTE]);
			if (which == INDETERMINATE) {
				put_text("\",\"error\":\"");
				put_text(meaning);
				if (rt_json.places) {
					put_at(PTR(const u32, rt_json.places)[fault >> 8]);
				}
			}
			put_text("\"");
		}
		put_text(waits ? ",\"pending\":true}" : "}");
	}
	if (any) {
		put_text("]");
	}
}

// put_groups_of_methods writes the groups that are asked for, in the order in which the compiler has written all that there can be.
static ONCE void put_groups_of_methods(void) {
	const struct decision *d = state();
	const struct group *g = PTR(const struct group, rt_json.groups);
	const char *before = ",\"methods\":[";
	for (u32 left = d->groups_n; left > 0; g++) {
		for (u32 i = 0; i < d->groups_n; i++) {
			if (load64(PTR(u64, d->groups) + i) == load64(g->methods)) {
				put_text(before);
				put_at(g->text);
				before = ",";
				left--;
			}
		}
	}
	if (d->groups_n > 0) {
		put_text("]");
	}
}

static SMALL void put_seconds(const char *name, i64 seconds) {
	if (seconds >= 0) {
		put_text(name);
		put_str(rt_int_to_str(seconds));
	}
}

static ONCE void put_requirement(void) {
	const struct decision *d = state();
	put_at(PTR(const struct level, rt_json.levels)[d->level - 1].asked);
	put_seconds(",\"max_age\":", (i64)d->max_age);
	put_groups_of_methods();
	put_text(d->reachable == UNKNOWN ? "}" : d->reachable == NO ? ",\"reachable\":false}" : ",\"reachable\":true}");
}

static const char *const effects[] = {"deny\"", "allow\"", "step_up\"", "need\""};

// put_decision writes the decision that was taken.
static SMALL void put_decision(void) {
	const struct decision *d = state();
	u32 n = json.action->rules_n;
	u32 *faults = rt_alloc(4 * n);
	json.out = STR(rt_alloc(0), 0);
	rt_fill(faults, 0, 4 * n);
	for (u32 i = 0; i < d->faults_n; i++) {
		const struct fault *f = PTR(const struct fault, d->faults) + i;
		faults[f->rule] = f->code;
	}
	put_text("{\"effect\":\"");
	put_text(effects[d->effect]);
	put_at(json.action->text);
	if (d->effect == STEP_UP) {
		put_requirement();
	}
	if (d->satisfied) {
		put_at(PTR(const struct level, rt_json.levels)[d->satisfied - 1].proved);
		put_seconds(",\"age\":", d->age);
		put_text("}");
	}
	if (d->effect == DENY || d->effect == STEP_UP) {
		put_rules(",\"reasons\":[", REASONS, faults);
	}
	if (d->effect != NEED) {
		put_rules(",\"shadow\":[", SHADOW, faults);
		if (d->shadow_effect) {
			put_text(",\"shadow_effect\":\"");
			put_text(effects[d->shadow_effect - 1]);
		}
	}
	put_rules(",\"indeterminate\":[", INDETERMINATE, faults);
	if (d->effect == NEED) {
		const char *before = ",\"need\":[";
		const u32 *names = PTR(const u32, rt_json.lazy);
		for (u64 need = d->need; need != 0; need >>= 1, names++) {
			if (need & 1) {
				put_text(before);
				put_at(*names);
				before = ",";
			}
		}
		put_text("]");
	}
	put_at(json.posture->text);
	put_at(rt_json.end);
}

// record_of makes a record of what was read.
static ONCE struct record *record_of(void) {
	const struct action *a = json.action;
	struct record *r = rt_alloc(a->size);
	rt_fill(r, 0, a->size);
	rt_copy(r, &json.request.now, sizeof(struct moment));
	r->posture = (i32)json.posture->rank;
	r->known = json.known;
	const struct slot *s = PTR(const struct slot, a->slots);
	for (u32 n = a->slots_n; n > 0; n--) {
		u32 steps = s->steps & ~(u32)OF_PARAMS, body = s->steps & OF_PARAMS ? json.request.params : json.request.signals, place = 0;
		const struct step *step = (const struct step *)(s + 1);
		for (; steps > 0; steps--, step++) {
			place = 0;
			if (body && in_set(body, step->bit)) {
				place = body + step->offset;
				body = load32(PTR(u8, place));
			} else {
				body = 0;
			}
		}
		if (place) {
			*PTR(u32, ADDR(r) + s->word) |= 1u << s->bit;
			rt_copy(PTR(u8, ADDR(r) + s->offset), PTR(u8, place), s->size);
		}
		s = (const struct slot *)step;
	}
	return r;
}

// read_request makes tokens of both texts, finds the action, and reads everything.
static ONCE u32 read_request(u32 request, u32 host) {
	u8 *p = TEXTS;
	struct token *first = json.end;
	if (request > MAX_TEXT || host > MAX_TEXT) {
		return TOO_LONG;
	}
	struct token *t = first + 1;
	for (u32 i = request == 0; i < 1 + (request == 0 || host != 0); i++) {
		u8 *end = p + (i == 0 ? request : host), behind = *end;
		struct token *root = json.end;
		json.root[i] = root;
		*end = 0;
		u32 ok = scan_json(p, end);
		*end = behind;
		p = end;
		if (!ok) {
			return wrong(NO_JSON, 0);
		}
		if (json.what) {
			return json.what;
		}
		if (root->kind != RECORD) {
			return wrong(MISMATCH, root);
		}
		read_members(root, type_of(i), ADDR(&json.request));
	}
	const struct attribute *action = PTR(const struct attribute, rt_json.caller.of); // the first
	for (u32 n = len(first->s);; n--, t = PTR(struct token, t[1].next)) {
		if (n == 0) {
			return wrong(NO_ACTION, 0);
		}
		if (len(t->s) == action->size && rt_str_eq(t->s, STR(PTR(u8, action->name), action->size))) {
			break;
		}
	}
	if (t[1].kind != TEXT) {
		return wrong(MISMATCH, t + 1);
	}
	action = find_attribute(&rt_json.actions, t[1].s);
	if (action == 0) {
		return wrong(NO_SUCH_ACTION, t + 1);
	}
	json.action = PTR(const struct action, action->type);
	u32 what = read_tokens(first);
	return what || !json.request.now.offset ? what : NO_NOW;
}

// rt_decide_json decides the request in two texts, a caller's and behind it a host's, each of so many bytes, where begin has reserved memory. It returns the address and
// length of the decision's text, 0 if there is not so much memory reserved.
SMALL u64 rt_decide_json(u32 request, u32 host) {
	u32 mark = rt_heap;
	rt_fill(&json, 0, sizeof json);
	json.request.now.offset = 1; // until there is a time
	json.posture = PTR(const struct posture, PTR(const struct attribute, rt_json.postures.of)->type);
#ifdef __wasm__
	if (mark - ADDR(TEXTS) < request + host + 16) {
		return 0;
	}
	json.end = PTR(struct token, mark);
#else
	json.end = rt_alloc((request + host + 2) * sizeof(struct token));
#endif
	u32 what = read_request(request, host);
	if (what) {
		json.out = STR(rt_alloc(0), 0);
		put_refusal(what);
	} else {
		rt_decide(json.action->number, ADDR(record_of()));
		put_decision();
	}
	if (len(json.out) > MAX_MADE_BYTES) {
		__builtin_trap();
	}
	rt_heap = mark;
	return json.out;
}
