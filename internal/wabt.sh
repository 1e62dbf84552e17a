#!/bin/sh
# Installs wabt, on whose interpreter the host in C of examples/host-c runs, and what compiles it, where that can be: as root, with apt-get. Else its tests are skipped, and say so.

need=
[ -e /usr/include/wabt/interp/interp.h ] || need="wabt"
for tool in gcc g++ make; do
	command -v "$tool" > /dev/null || need="$need $tool"
done
[ -n "$need" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
	echo "wabt: not to be had here without apt-get and root: $need" >&2
	exit 0
fi
echo "wabt: apt-get install $need" >&2
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # they are words
apt-get install -q -y --no-install-recommends $need > /dev/null 2>&1 ||
	{ apt-get update -q > /dev/null && apt-get install -q -y --no-install-recommends $need > /dev/null; } ||
	echo "wabt: not to be had here: $need" >&2
