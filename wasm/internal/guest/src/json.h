// Requests as JSON and decisions as JSON: what a module has that was built for hosts without an encoder. It is linked only then.
//
// What the compiler says of a policy is constant data, rt_json, which package table makes: types, by which values are read into the forms that records have;
// slots, by which a record is put together of them; and the words of decisions.

#ifndef JSON_H
#define JSON_H

#include "decide.h"

// Kinds of types: those of package policy, and what has a meaning of its own. LEVEL_OF_SESSION is that of session.level, which is computed: it is read like an int, and refused. RESOURCE is what the action says. NAME is read beforehand.
enum { NOTHING, BOOL, INT, UINT, DOUBLE, STRING, BYTES, TIMESTAMP, DURATION, IP, CIDR, ANY, LIST, MAP, OBJECT, LEVEL_OF_SESSION, RESOURCE, POSTURE, NAME };

// A type. A list or map has up to n elements of size bytes each; any is a type of lists and maps whose elements are of the same type. An object has n attributes,
// and a body of size bytes.
struct type {
	u8 kind, nulls;
	u16 size;
	u32 n;
	u32 of; // address of the type of the elements, or of the attributes
};

// What null is for an attribute: a value as any other; that it is missing, unless it is of type any; that it is missing.
enum { NULL_IS_A_VALUE, NULL_OF_ANY_IS_A_VALUE, NULL_IS_MISSING };

struct attribute {
	u32 name; // address
	u32 type; // address; of an action, struct action, of a posture, struct posture
	u16 offset;
	u8 size; // of the name
	u8 lazy; // the number of the lazy signal, from 1, and SENSITIVE
};
enum { SENSITIVE = 0x80 };

struct action {
	u32 number;
	u32 resource; // address of the type, 0: none
	u32 text;     // all texts end with a byte of 0
	u32 rules_n, rules; // addresses of struct words
	u32 size;	    // of the record's fixed part
	u32 slots_n, slots;
};

struct words {
	u32 shadow;
	u32 id, rest; // {"rule":"…" and ,"effect":… without the bracket
};

struct posture {
	u32 rank, text;
};

struct level {
	u32 asked, proved;
};

// The methods that some rule asks for, as a set and in words.
struct group {
	u32 methods[2], text;
};

// A slot is followed by its steps. Each is an attribute: its bit in the body, and its offset.
struct slot {
	u16 word, offset; // in the record: of the presence word, and of the value
	u16 size;	  // 0: the bit is all
	u8 bit;
	u8 steps; // and OF_PARAMS
};
enum { OF_PARAMS = 0x80 };
struct step {
	u16 bit, offset;
};

// The request's members are the attributes of three types: of a caller's text, of a host's beside it, of a host's alone.
struct json {
	struct type caller, beside, alone;
	struct type actions, postures;
	u32 levels, groups, lazy, places; // addresses of struct level, of struct group, in the order of decisions, of addresses of texts; without places: 0
	u32 end;			   // how every decision ends
};

#ifdef __wasm__
extern const struct json rt_json;
extern u8 __heap_base[];
#define TEXTS __heap_base
#else
extern const struct json *json_data;
extern u8 *json_texts;
#define rt_json (*json_data)
#define TEXTS json_texts
#endif

// What the compiler defines: the decision; reading bytes and ranges, which fails if there are no such types.
u32 rt_decide(u32 action, u32 record);
i32 rt_read_bytes(str s);
i32 rt_read_cidr(str s);

// json_entry.c
u64 rt_decide_json(u32 request, u32 host);

// json_value.c
i32 rt_json_bytes(str s);
i32 rt_json_cidr(str s);

// A function with one caller, which is smaller as a part of it.
#define ONCE __attribute__((minsize))

// Kinds of tokens.
enum { NIL = 1, NO_ = 2, YES_ = 4, NUMBER = 8, TEXT = 16, ARRAY = 32, RECORD = 64 };

// A token is a value of the text, or the name of a member. A list or object is followed by the tokens in it, of which a member is two.
struct token {
	str s;	  // the text of a number, or what a string means; of a list or object, where it begins, and its count of entries
	u32 next; // address of the token behind the value; of a name, of that behind the object. Of one that is open, of the one around it
	u32 type; // address of the type by which it is to be read, 0: not at all; of a name, that of the object, and IS_NAME
	u32 dest; // where the value goes; of a name, the object's body
	u32 kind;
};
enum { IS_NAME = 1 };

// What is wrong with a request: the message's number.
enum { FINE, TOO_LONG, NO_JSON, NOT_UTF8, TOO_DEEP, TWICE, LONG_TEXT, NO_ACTION, NO_NOW, NO_SUCH_ACTION, UNKNOWN_NAME, MISMATCH, NOT_IN_RANGE, TOO_MANY, COMPUTED };

enum { MAX_TEXT = 1 << 20, MAX_STRING = 1 << 16, MAX_DEPTH = 64 };

// What is known of the request, and what is written.
static struct {
	struct token *end;  // behind the last token
	struct token *flaw; // the token that is at fault
	u32 what;	    // what is wrong with it
	const struct action *action;
	struct token *root[2]; // of the caller's text, and of the host's
	str out;
	const struct posture *posture;
	// The members of the request.
	struct body_of_request {
		u32 given;
		u32 signals;
		struct moment now;
		u32 params;
		u32 other;
	} request;
	u64 known;
} json;

#endif
