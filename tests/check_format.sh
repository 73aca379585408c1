#!/bin/sh
# check_format.sh - every C file is as clang-format would write it, and its
# first comment names it.
set -u
cd "$(dirname "$0")/.." || exit 1
command -v clang-format >/dev/null || { echo 'no clang-format'; exit 77; }

files=$(find lib clients tests docs -name '*.[ch]' | sort)
# shellcheck disable=SC2086 # no file name has a space
bad=$(clang-format --dry-run -Werror $files 2>&1 |
    sed -n 's/^\([^: ]*\):[0-9]*:.*error: code should.*/\1/p' | sort -u)
failed=0
if [ -n "$bad" ]; then
    echo "not as clang-format writes them:"
    echo "$bad"
    failed=1
fi
for file in $files; do
    head -2 "$file" | grep -qF "/* $(basename "$file") - " && continue
    echo "$file does not begin by saying what it is"
    failed=1
done
exit $failed
