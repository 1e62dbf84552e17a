// What the tests of the linker link: every kind of relocation that it knows, and things that it has to leave out.
// build.sh makes object.o of it.

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

extern u32 __attribute__((address_space(1))) fuel; // a global of the compiler's
extern u32 emitted(u32 x);                         // a function of the compiler's
extern const u8 constants[];                       // data of the compiler's
extern u8 __heap_base[];

static const u8 squares[16] = {0, 1, 4, 9, 16, 25, 36, 49, 64, 81, 100, 121, 144, 169, 196, 225};
static const char *const words[] = {"zero", "one", "two"};
static u64 cells[4];
u32 counter = 7;

// A table by its address, a function of the compiler's, a global of the compiler's.
u32 look(u32 i) {
	fuel -= i;
	return squares[i & 15] + emitted(i);
}

// Data that point to other data.
u32 letter(u32 word, u32 i) { return (u8)words[word % 3][i]; }

// Loads and stores whose offsets are addresses.
u32 count(void) { return ++counter; }

// Data that begin as zeros.
u64 keep(u32 i, u64 v) {
	u64 was = cells[i & 3];
	cells[i & 3] = v;
	return was;
}

// The stack, and calls from one function of the object to another.
__attribute__((noinline)) static u64 reversed(const volatile u64 *of, u32 n) {
	u64 sum = 0;
	while (n--) sum = sum * 10 + of[n];
	return sum;
}
u64 digits(u64 n) {
	volatile u64 of[20];
	u32 k = 0;
	for (; n; n /= 10) of[k++] = n % 10;
	u64 back = 0;
	for (u32 i = 0; i < k; i++) back = back * 10 + of[i];
	return back * 1000000 + reversed(of, k) % 1000000;
}

// Many locals of all types, in an order that is not by type.
double mix(u32 a, u64 b, double c, float d) {
	double sum = 0;
	for (u32 i = 0; i < a; i++) {
		u64 x = b * i;
		float y = d * i;
		u32 z = a ^ i;
		sum += c * (double)x + y + z;
	}
	return sum;
}

u32 borrowed(u32 i) { return constants[i]; }

u8 *heap(void) { return __heap_base; }

void move(u8 *to, const u8 *from, u32 n) { __builtin_memcpy(to, from, n); }

// Nothing calls it.
u32 unused(u32 x) { return letter(x, 0) + counter + (u32)digits(x); }
