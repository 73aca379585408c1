#!/bin/sh
# chapter10.sh URLGET REPLAY - fortune://host/topic by urlget, from a server that is
# a script.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
printf 'S: 200 ready\nC: ABOUT cats\nS: 250 here\nS: They sleep.\nS: .\n' \
    >"$dir/script"
mkfifo "$dir/port"
"$2" --once "$dir/script" >"$dir/port" 2>"$dir/err" &
read -r port <"$dir/port"
got=$("$1" -s -S "fortune://127.0.0.1:${port##*:}/cats" | tr -d '\r')
wait || { cat "$dir/err"; exit 1; }
[ "$got" = 'They sleep.' ] || { echo "got '$got'"; exit 1; }
