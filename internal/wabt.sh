#!/bin/sh
# Installs wabt, on whose interpreter the host in C of examples/host-c runs, and what compiles it, where that can be. Else its tests are skipped, and say so.

need=
[ -e /usr/include/wabt/interp/interp.h ] || need="wabt"
for tool in gcc g++ make; do
	command -v "$tool" > /dev/null || need="$need $tool"
done
# shellcheck disable=SC2086 # they are words
exec sh "$(dirname "$0")/apt.sh" wabt $need
