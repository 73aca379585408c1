#!/bin/sh
# examples.sh NAME PROGRAM - an example of docs/examples against the real server
# of its protocol.
set -u
name=$1
program=$2
# shellcheck source=tests/servers/server.sh
. "$(dirname "$0")/server.sh"
port=$(free_port)
at=127.0.0.1:$port

# is WANTED COMMAND...: it prints that, and succeeds.
is() {
    wanted=$1
    shift
    got=$("$@" 2>"$dir/err") || fail "$*: $(cat "$dir/err")"
    [ "$got" = "$wanted" ] || fail "$*: '$got' is not '$wanted'"
}
# refused WORDS COMMAND...: it fails, and says so in one line.
refused() {
    words=$1
    shift
    "$@" >/dev/null 2>"$dir/err" && fail "$*: succeeds"
    grep -q "$words" "$dir/err" || fail "$*: $(cat "$dir/err")"
}
# inetd COMMAND...: each connection is its stdin and stdout.
inetd() {
    python3 -c '
import socket, subprocess, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    c, _ = s.accept()
    subprocess.run(sys.argv[2:], stdin=c, stdout=c, timeout=10)
    c.close()' "$port" "$@" &
    pid=$!
}
two_lines=$(printf 'one\ntwo')

case $name in
redis)
    need redis-server
    redis-server --bind 127.0.0.1 --port "$port" --save '' --dir "$dir" \
        >"$dir/log" &
    pid=$!
    wait_for "$program" "$at" PING
    is PONG "$program" "$at" PING
    is OK "$program" "$at" SET key "$two_lines"
    is "$two_lines" "$program" "$at" GET key
    is '(nil)' "$program" "$at" GET other
    is 2 "$program" "$at" RPUSH list one two
    is "$two_lines" "$program" "$at" LRANGE list 0 -1
    refused 'unknown command' "$program" "$at" NOPE
    ;;
memcached)
    need memcached
    memcached -u nobody -l 127.0.0.1 -p "$port" &
    pid=$!
    wait_for "$program" "$at" set up yes
    is '' "$program" "$at" set key 'some text'
    is 'some text' "$program" "$at" get key
    is '' "$program" "$at" delete key
    refused 'not found' "$program" "$at" get key
    refused 'NOT_FOUND' "$program" "$at" delete key
    refused 'not a key' "$program" "$at" get 'two words'
    ;;
beanstalkd)
    need beanstalkd
    beanstalkd -u nobody -l 127.0.0.1 -p "$port" &
    pid=$!
    wait_for "$program" "$at" put first
    is first "$program" "$at" take
    is 2 "$program" "$at" put "$two_lines"
    is "$two_lines" "$program" "$at" take
    refused TIMED_OUT "$program" "$at" take
    ;;
irc)
    need ngircd
    printf '[Global]\nName = irc.example.net\nInfo = test\n' >"$dir/conf"
    printf 'Listen = 127.0.0.1\nPorts = %s\nServerUID = irc\n' "$port" \
        >>"$dir/conf"
    printf 'MotdPhrase = hi\n[Options]\nPAM = no\nIdent = no\nDNS = no\n' \
        >>"$dir/conf"
    ngircd -n -f "$dir/conf" >"$dir/log" 2>&1 &
    pid=$!
    wait_for "$program" "$at" first '#up' 1 </dev/null
    "$program" "$at" anna '#c' 8 </dev/null >"$dir/anna" &
    anna=$!
    wait_for grep -q joined "$dir/anna"
    echo 'hello there' | "$program" "$at" bob '#c' 1 >/dev/null || fail bob
    refused '433' "$program" "$at" anna '#c' 1 </dev/null
    wait "$anna" || fail 'anna was thrown out'
    grep -q '^<bob> hello there$' "$dir/anna" || fail "$(cat "$dir/anna")"
    ;;
finger)
    need in.fingerd
    need finger
    inetd in.fingerd
    wait_for "$program" "$at" root
    "$program" "$at" root >"$dir/root" || fail root
    grep -q 'Directory: /root' "$dir/root" || fail "$(cat "$dir/root")"
    refused 'refused' "$program" "$at" "$two_lines"
    ;;
managesieve)
    need dovecot
    [ -x /usr/lib/dovecot/managesieve ] || { echo 'no managesieve'; exit 77; }
    [ "$(id -u)" = 0 ] || { echo 'Dovecot here wants root'; exit 77; }
    mkdir "$dir/mail" && chown nobody "$dir/mail"
    sed "s|DIR|$dir|; s|PORT|$port|" >"$dir/conf" <<'END'
base_dir = DIR/run
log_path = DIR/log
protocols = sieve
ssl = no
mail_location = maildir:DIR/mail
disable_plaintext_auth = no
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=DIR/mail
}
service managesieve-login {
  chroot =
  inet_listener sieve {
    address = 127.0.0.1
    port = PORT
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
plugin {
  sieve = file:DIR/mail/sieve;active=DIR/mail/active.sieve
}
END
    sed -i "s|DIR|$dir|g" "$dir/conf"
    dovecot -F -c "$dir/conf" &
    pid=$!
    export SIEVE_PASSWORD=secret
    wait_for "$program" "$at" joe list
    is '' "$program" "$at" joe list
    is '' "$program" "$at" joe put mine </dev/null
    is '"mine"' "$program" "$at" joe list
    refused 'NO' "$program" "$at" joe put bad <"$dir/conf"
    refused 'no TLS' "$program" "localhost:$port" joe list
    SIEVE_PASSWORD=wrong
    refused 'NO' "$program" "$at" joe list
    ;;
*)
    fail "no test of $name"
    ;;
esac
exit 0
