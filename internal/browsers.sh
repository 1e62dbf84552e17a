#!/bin/sh
# Installs the browsers that the SDK for JavaScript is tested in, where that can be. Else their tests are skipped, and say so.

need=
command -v chromium > /dev/null || need="chromium"
command -v firefox-esr > /dev/null || command -v firefox > /dev/null || need="$need firefox-esr"
# shellcheck disable=SC2086 # they are words
exec sh "$(dirname "$0")/apt.sh" browsers $need
