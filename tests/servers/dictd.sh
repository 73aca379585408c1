#!/bin/sh
# dictd.sh DICT - the protocol that README shows, against a real server.
set -u
dict=$1
# shellcheck source=tests/servers/server.sh
. "$(dirname "$0")/server.sh"
need dictd

port=$(free_port)
# A database is a text, and places in it: base 64, digits A to Z, a to z ...
printf 'cat\n  A small animal.\n' >"$dir/test.dict"
printf '00databaseshort\tA\tA\ncat\tA\tW\n' >"$dir/test.index"
cat >"$dir/dictd.conf" <<END
global { listen_to 127.0.0.1 }
access { allow * }
database test {
    data $dir/test.dict
    index $dir/test.index
}
END
chmod a+r "$dir"/*
dictd -d nodetach --config "$dir/dictd.conf" --port "$port" --locale C \
    >"$dir/log" 2>&1 &
pid=$!
wait_for "$dict" -h "127.0.0.1:$port" cat

"$dict" -h "127.0.0.1:$port" cat | grep -q 'A small animal' || fail 'a word'
"$dict" -h "127.0.0.1:$port" dog 2>"$dir/err" && fail 'a word that is not there'
grep -q 'no match' "$dir/err" || fail 'no word about it'
"$dict" -h "127.0.0.1:$port" cat >/dev/full && fail 'a full disk is no success'
exit 0
