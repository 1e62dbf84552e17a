#!/bin/sh
# Makes the guest's object, $1, of src/rt.c. The same sources give the same bytes wherever they lie: no paths, no names of compilers are in it.

set -e
cd "$(dirname "$0")/src"

if ! command -v clang-19 > /dev/null; then
	echo "the guest's object is made by clang-19, which is not here; the one that is checked in stays" >&2
	exit 0
fi
clang-19 --target=wasm32 -mcpu=mvp -msign-ext -mnontrapping-fptoint -mmutable-globals \
	-std=gnu11 -O2 -ffreestanding -nostdlib -fno-builtin -fno-ident -fvisibility=hidden -ffunction-sections -fdata-sections \
	-Wall -Wextra -Werror -c rt.c -o "../$1.new"
mv "../$1.new" "../$1"
