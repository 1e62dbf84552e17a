#!/bin/sh
# Installs the browsers that the SDK for JavaScript is tested in, where that can be: as root, with apt-get. Else their tests are skipped, and say so.

need=
command -v chromium > /dev/null || need="chromium"
command -v firefox-esr > /dev/null || command -v firefox > /dev/null || need="$need firefox-esr"
[ -n "$need" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
	echo "browsers: not to be had here without apt-get and root: $need" >&2
	exit 0
fi
echo "browsers: apt-get install $need" >&2
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # they are words
apt-get install -q -y --no-install-recommends $need > /dev/null 2>&1 ||
	{ apt-get update -q > /dev/null && apt-get install -q -y --no-install-recommends $need > /dev/null; } ||
	echo "browsers: not to be had here: $need" >&2
