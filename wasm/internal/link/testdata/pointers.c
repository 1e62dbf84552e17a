// What the linker refuses: a pointer to a function.

static int one(void) { return 1; }
static int two(void) { return 2; }

int choose(int i) {
	int (*volatile f)(void) = i ? one : two;
	return f();
}
