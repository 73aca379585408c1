#!/bin/sh
# server.sh - for tests with a real server, which source it: a scratch
# directory, a free port, an end by process number.

PATH=$PATH:/usr/sbin:/sbin
dir=$(mktemp -d) || exit 1
chmod 755 "$dir" # servers give up root
pid=
# shellcheck disable=SC2317 # called by the trap
end() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null
    wait
    rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' HUP INT TERM

need() {
    command -v "$1" >/dev/null || { echo "no $1"; exit 77; }
}

free_port() {
    python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# wait_for COMMAND...: until it succeeds, five seconds at most.
wait_for() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        "$@" >/dev/null 2>&1 && return
        sleep 0.25
    done
    echo "the server does not come up: $*"
    exit 1
}

fail() {
    echo "$*"
    exit 1
}
