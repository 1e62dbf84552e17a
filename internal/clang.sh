#!/bin/sh
# Installs the clang that the runtime of modules is compiled and tested with, where that can be. Else the object that is checked in is tested, not its sources.

need=
command -v clang-19 > /dev/null || need="clang-19 libclang-rt-19-dev"
# shellcheck disable=SC2086 # they are words
exec sh "$(dirname "$0")/apt.sh" "the runtime of modules" $need
