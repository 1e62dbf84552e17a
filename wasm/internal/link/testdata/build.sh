# Makes the object files of the linker's tests. They are checked in; without clang-19 they are left as they are.

set -e
cd "$(dirname "$0")"
if ! command -v clang-19 >/dev/null; then
	echo "no clang-19 here: the objects of wasm/internal/link/testdata are left as they are" >&2
	exit 0
fi
for name in object pointers; do
	clang-19 --target=wasm32-unknown-unknown -nostdlib -ffreestanding -fno-builtin -Oz \
		-mbulk-memory -msign-ext -mnontrapping-fptoint -mmutable-globals \
		-fvisibility=hidden -ffunction-sections -fdata-sections -c -o "$name.o" "$name.c"
done
