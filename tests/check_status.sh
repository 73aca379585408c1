#!/bin/sh
# check_status.sh - every test that docs/design/*-status.md names, as `FILE:
# NAME` in backquotes, exists: a function, or a row of a table, called NAME in
# test_FILE.c.
set -u
cd "$(dirname "$0")/.." || exit 1

# shellcheck disable=SC2016 # backquotes as they are
named=$(cat docs/design/*-status.md |
    grep -o '`[a-z0-9_]*: [a-z0-9_]*`' | tr -d '` ' | sort -u)
[ -n "$named" ] || { echo 'no tests named in docs/design'; exit 1; }

failed=0
for one in $named; do
    file=$(find tests -name "test_${one%%:*}.c")
    if [ -n "$file" ] &&
        grep -q -e "^static void ${one#*:}(" -e "\"${one#*:}\"" "$file"; then
        continue
    fi
    echo "no such test: $one"
    failed=1
done
exit $failed
