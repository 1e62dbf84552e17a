#!/bin/sh
# Installs packages of Debian's, $2 and on, for what $1 names, where that can be: as root, with apt-get. Else what needs them is skipped, and says so.

what=$1
shift
[ $# -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
	echo "$what: not to be had here without apt-get and root: $*" >&2
	exit 0
fi
echo "$what: apt-get install $*" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get install -q -y --no-install-recommends "$@" > /dev/null 2>&1 ||
	{ apt-get update -q > /dev/null && apt-get install -q -y --no-install-recommends "$@" > /dev/null; } ||
	echo "$what: not to be had here: $*" >&2
