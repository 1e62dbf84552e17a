/* A host of Rung's modules in C, written from docs/abi.md: requests as text, and one record by hand.
 *
 *   host MODULE.wasm                  each line of standard input is a caller's request; each gets its decision
 *   host MODULE.wasm --host TEXT      with that text of the host's, instead of one that says what time it is
 *   host MODULE.wasm --own            each line is a whole request of one's own, with `now`: for tools
 *   host MODULE.wasm --record AMOUNT  decides a payment by a record, of the module made of policy/
 *
 * The exit status is 0, or 2 for what could not be done. */

#define _GNU_SOURCE /* getline, timegm */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine.h"

enum { ABI = 1, MAX_TEXT = 1 << 20 };

/* A policy: its module, an instance of it, and the memory for input that `begin` gave. */
struct policy {
	void *bytes;
	size_t size;
	struct engine *engine;
	uint32_t input, room;
};

static void fail(const char *what, const char *name) {
	fprintf(stderr, "host: %s: %s\n", name, what);
	exit(2);
}

static void *must(void *p) {
	if (p == NULL) {
		fail("no memory", "malloc");
	}
	return p;
}

static void read_file(struct policy *p, const char *name) {
	FILE *f = fopen(name, "rb");
	size_t room = 1 << 16, n;
	if (f == NULL) {
		fail("cannot be read", name);
	}
	p->bytes = must(malloc(room));
	while ((n = fread((char *)p->bytes + p->size, 1, room - p->size, f)) > 0) {
		p->size += n;
		if (p->size == room) {
			p->bytes = must(realloc(p->bytes, room *= 2));
		}
	}
	fclose(f);
}

/* start makes an instance. One that trapped is not used again, so there may be several, one after the other. */
static void start(struct policy *p, const char *name) {
	if (p->engine != NULL) {
		engine_close(p->engine);
	}
	p->input = p->room = 0;
	p->engine = engine_open(p->bytes, p->size);
	if (p->engine == NULL) {
		fail("not a module", name);
	}
	if (engine_version(p->engine) != ABI) {
		fail("not a module of version 1 of the interface", name);
	}
}

/* reserve has room for n bytes of input, and returns where they go; NULL if there is not so much memory. */
static uint8_t *reserve(struct policy *p, uint32_t n) {
	size_t size;
	uint8_t *memory;
	if (n > p->room) {
		uint32_t more = n + n / 2 + 4096; /* so that it is seldom asked for again */
		uint64_t at;
		p->room = 0;
		if (!engine_call(p->engine, "begin", &more, 1, &at) || at == 0) {
			return NULL;
		}
		p->input = (uint32_t)at;
		p->room = more;
	}
	memory = engine_memory(p->engine, &size);
	if (p->input > size || p->room > size - p->input) {
		return NULL;
	}
	return memory + p->input;
}

/* What answers when the module cannot. */
static const char broken[] = "{\"effect\":\"deny\",\"error\":{\"code\":\"engine_error\",\"message\":\"the module failed\"}}";

/* decide answers a request: a caller's text, and the host's. Either may be empty; they are not one text, so there is nothing that a caller could slip into the
 * host's. The answer is good until the next call; *n is its length. */
static const char *decide(struct policy *p, const char *request, size_t request_n, const char *host, size_t host_n, size_t *n) {
	size_t size;
	uint64_t out;
	*n = sizeof broken - 1;
	/* What is too long has its refusal from the module: it looks at no more than the length. */
	uint32_t sizes[2] = {request_n > MAX_TEXT ? MAX_TEXT + 1 : (uint32_t)request_n, host_n > MAX_TEXT ? MAX_TEXT + 1 : (uint32_t)host_n};
	uint8_t *to = reserve(p, sizes[0] + sizes[1]);
	if (to == NULL) {
		return broken;
	}
	memcpy(to, request, sizes[0]);
	memcpy(to + sizes[0], host, sizes[1]);
	if (!engine_call(p->engine, "decide_json", sizes, 2, &out)) {
		return broken;
	}
	uint32_t at = (uint32_t)out, length = (uint32_t)(out >> 32);
	const uint8_t *memory = engine_memory(p->engine, &size);
	if (at == 0 || at > size || length > size - at) {
		return broken;
	}
	*n = length;
	return (const char *)memory + at;
}

/* now_text is the host's text: what time it is. A host that has postures or params says them here too. */
static size_t now_text(char *to, size_t room) {
	struct timespec now;
	struct tm utc;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	size_t n = strftime(to, room, "{\"now\":\"%Y-%m-%dT%H:%M:%S", &utc);
	return n + (size_t)snprintf(to + n, room - n, ".%09ldZ\"}", now.tv_nsec);
}

/* answer_lines decides the requests on standard input. */
static void answer_lines(struct policy *p, const char *name, const char *host, int own) {
	char *line = NULL, clock[64];
	size_t room = 0, n;
	ssize_t length;
	if (!engine_has(p->engine, "decide_json")) {
		fail("it takes no text: build it with rung build --json", name);
	}
	while ((length = getline(&line, &room, stdin)) > 0) {
		size_t request = (size_t)length - (line[length - 1] == '\n');
		size_t host_n = host ? strlen(host) : now_text(clock, sizeof clock);
		const char *d = own ? decide(p, "", 0, line, request, &n) : decide(p, line, request, host ? host : clock, host_n, &n);
		fwrite(d, 1, n, stdout);
		putchar('\n');
		if (d == broken) {
			start(p, name);
		}
	}
	free(line);
}

/* The record of the action `pay` of policy/pay.rung.hcl. Up to `enrolled` it is that of every action; what follows is as the module's section rung.schema has it, which
 * `rung inspect --json` shows. A host for any policy reads that section; one for a single policy can do without. Numbers are little-endian, as they
 * are on the machines that this is for. */
struct record {
	int64_t seconds, nanos;
	uint32_t posture, presence;
	uint64_t known;
	uint64_t acr, amr; /* text; list: address, and length above it */
	int64_t auth_time[2], not_before[2];
	uint64_t authentications, enrolled;
	double amount; /* resource.amount: bit 6 */
};
enum { BIT_ACR = 1, BIT_AUTH_TIME = 4, BIT_AMOUNT = 1 << 6, PAY = 0 };

struct result {
	uint32_t effect, shadow_effect, level, reachable;
	int64_t max_age;
	uint32_t satisfied, groups;
	/* and what this host has no use for */
};

/* pay decides a payment of somebody who has signed in with acr aal1 a minute ago. */
static void pay(struct policy *p, double amount) {
	static const char *const effects[] = {"deny", "allow", "step_up", "need"};
	static const char acr[] = "aal1";
	struct record r;
	struct result got;
	uint8_t *to = reserve(p, sizeof r + sizeof acr);
	uint64_t at;
	size_t size;
	if (to == NULL) {
		fail("no memory in the module", "begin");
	}
	memset(&r, 0, sizeof r);
	r.seconds = (int64_t)time(NULL);
	r.presence = BIT_ACR | BIT_AUTH_TIME | BIT_AMOUNT;
	r.acr = (uint64_t)(sizeof acr - 1) << 32 | (p->input + (uint32_t)sizeof r);
	r.auth_time[0] = r.seconds - 60;
	r.amount = amount;
	memcpy(to, &r, sizeof r);
	memcpy(to + sizeof r, acr, sizeof acr);
	uint32_t args[2] = {PAY, p->input};
	if (!engine_call(p->engine, "decide", args, 2, &at)) {
		fail("it trapped: deny", "decide");
	}
	const uint8_t *memory = engine_memory(p->engine, &size);
	if (at == 0 || at > size || sizeof got > size - at) {
		fail("no result: deny", "decide");
	}
	memcpy(&got, memory + at, sizeof got);
	printf("%s", got.effect < 4 ? effects[got.effect] : "deny");
	if (got.effect == 2) {
		printf(" to level %u, at most %lld seconds old", got.level, (long long)got.max_age);
	}
	printf("; the session has level %u\n", got.satisfied);
}

int main(int argc, char **argv) {
	struct policy p = {0};
	int host = argc == 4 && strcmp(argv[2], "--host") == 0, own = argc == 3 && strcmp(argv[2], "--own") == 0;
	int record = argc == 4 && strcmp(argv[2], "--record") == 0;
	if (argc != 2 && !host && !own && !record) {
		fputs("usage: host MODULE.wasm [--host TEXT | --own | --record AMOUNT]\n", stderr);
		return 2;
	}
	read_file(&p, argv[1]);
	start(&p, argv[1]);
	if (record) {
		pay(&p, atof(argv[3]));
	} else {
		answer_lines(&p, argv[1], host ? argv[3] : NULL, own);
	}
	engine_close(p.engine);
	free(p.bytes);
	return fflush(stdout) != 0 || ferror(stdout) ? 2 : 0;
}
