#!/bin/sh
# check_format.sh - every C file is as clang-format would write it.
set -u
cd "$(dirname "$0")/.." || exit 1
command -v clang-format >/dev/null || { echo 'no clang-format'; exit 77; }

files=$(find lib clients tests docs -name '*.[ch]' | sort)
# shellcheck disable=SC2086 # no file name has a space
bad=$(clang-format --dry-run -Werror $files 2>&1 |
    sed -n 's/^\([^: ]*\):[0-9]*:.*error: code should.*/\1/p' | sort -u)
[ -z "$bad" ] && exit 0
echo "not as clang-format writes them:"
echo "$bad"
exit 1
