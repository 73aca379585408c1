#!/bin/sh
# check_symbols.sh SHARED STATIC - the shared library exports what the public
# headers mark with SC_API, all of it and nothing else; every other symbol
# that is not static bears one of our prefixes too.
set -u
[ $# = 2 ] || { echo "usage: $0 SHARED STATIC"; exit 2; }
prefix='^(sc|uri|mail|http|smtp|pop3|nntp|ftp|gopher|url)_'
headers=$(dirname "$0")/../lib/simpleclient
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
failed=0

# Comments go, macros stay unexpanded: SC_API is then a word to look for.
for h in "$headers"/*.h; do
    ${CC:-cc} -x c -fpreprocessed -dD -E -P "$h" 2>/dev/null
done | sed '/^ *#/d' | tr '\n' ' ' | tr ';' '\n' | grep SC_API |
    sed 's/.*SC_API//; s/(.*//; s/ *$//; s/.*[ *]//' | sort -u >"$tmp/marked"
nm -D --defined-only "$1" | awk '$2 != "A" { print $3 }' | sed 's/@.*//' |
    sort -u >"$tmp/exported"
nm --defined-only "$2" 2>/dev/null |
    awk 'NF == 3 && $2 ~ /[A-Z]/ { print $3 }' | sed '/^__/d' |
    sort -u >"$tmp/all"

complain() { # TEXT FILE
    [ -s "$2" ] || return
    echo "$1:"
    sed 's/^/  /' "$2"
    failed=1
}
comm -23 "$tmp/exported" "$tmp/marked" >"$tmp/x"
complain 'exported, but not marked SC_API in a public header' "$tmp/x"
comm -13 "$tmp/exported" "$tmp/marked" >"$tmp/x"
complain 'marked SC_API, but not exported' "$tmp/x"
sort -u "$tmp/all" "$tmp/exported" | grep -Ev "$prefix" >"$tmp/x"
complain 'without one of our prefixes' "$tmp/x"
[ -s "$tmp/exported" ] || { echo 'nothing exported'; failed=1; }
readelf -d "$1" | grep -q 'SONAME.*libsimpleclient\.so\.0\]' ||
    { echo 'the soname is not libsimpleclient.so.0'; failed=1; }
exit $failed
