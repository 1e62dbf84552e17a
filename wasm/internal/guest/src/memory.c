// Memory: a heap that only grows until the module sets it back, and copies.

#include "rt.h"

_Alignas(16) u64 rt_out[4];

#ifdef __wasm__

// rt_alloc returns n bytes, aligned to 8. It traps where the module may have no more: callers charge first.
//
// The heap is counted in 32 bits: clang-19 makes a store to memory, at address 0, of a store to a global that cuts an i64.
NOINLINE void *rt_alloc(u32 n) {
	u32 start = rt_heap, end = start + ((n + 7) & ~7u);
	u64 have = (u64)__builtin_wasm_memory_size(0) << 16;
	if (end < start || n > ~15u) {
		__builtin_trap();
	}
	if (end + 8 > have) { // what may be read behind a text
		u32 pages = (u32)((end + 8 - have + 0xffff) >> 16);
		if (__builtin_wasm_memory_grow(0, pages) == (__SIZE_TYPE__)-1) {
			__builtin_trap();
		}
	}
	rt_heap = end;
	return PTR(void, start);
}

#endif

// rt_copy copies n bytes that do not overlap.
NOINLINE void rt_copy(void *dst, const void *src, u32 n) {
	u8 *d = dst;
	const u8 *s = src;
#pragma clang loop unroll(disable) vectorize(disable)
	for (; n >= 8; n -= 8, d += 8, s += 8) {
		store64(d, load64(s));
	}
#pragma clang loop unroll(disable) vectorize(disable)
	for (; n > 0; n--) {
		*d++ = *s++;
	}
}

// rt_fill sets n bytes.
void rt_fill(void *dst, u32 byte, u32 n) {
	u8 *d = dst;
	u64 v = (u64)(u8)byte * 0x0101010101010101;
#pragma clang loop unroll(disable) vectorize(disable)
	for (; n >= 8; n -= 8, d += 8) {
		store64(d, v);
	}
#pragma clang loop unroll(disable) vectorize(disable)
	for (; n > 0; n--) {
		*d++ = (u8)byte;
	}
}
