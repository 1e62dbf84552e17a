/* What the host needs of whatever runs WebAssembly: a module's exports, as docs/abi.md names them. engine_wabt.cc has it of wabt's interpreter; with another engine, write
 * these six anew. */

#ifndef ENGINE_H
#define ENGINE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct engine;

/* engine_open makes an instance of a module, or returns NULL and says why on standard error. */
struct engine *engine_open(const void *bytes, size_t size);
void engine_close(struct engine *e);

/* engine_version is the constant rung_abi, 0 if there is none. */
uint32_t engine_version(struct engine *e);

/* engine_memory is where the memory lies just now: a call may move it. */
uint8_t *engine_memory(struct engine *e, size_t *size);

/* engine_has reports whether the module exports a function of that name. */
int engine_has(struct engine *e, const char *name);

/* engine_call calls one with n numbers of 32 bits, and returns 0 if it trapped. The result is in *out, whether it has 32 or 64 bits. */
int engine_call(struct engine *e, const char *name, const uint32_t *args, size_t n, uint64_t *out);

#ifdef __cplusplus
}
#endif

#endif
