#!/bin/sh
# run.sh - set up and run the tests.
#
#   sh tests/run.sh [--servers] [arguments of meson test]
#
# Installs what building and testing need, if it is missing. --servers also
# installs the real servers that tests/servers talks to (none is started by
# its package) or unpacks them into build/servers/, the libraries of optional
# features and the tools of the checks; a skipped test is a failure then.
# Needs no network once all that is installed, but the loopback interface.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/setup.sh

servers=no
left=$#
while [ "$left" -gt 0 ]; do
    if [ "$1" = --servers ]; then
        servers=yes
    else
        set -- "$@" "$1"
    fi
    shift
    left=$((left - 1))
done

prepare
# shellcheck disable=SC2086 # words on purpose
sh tests/deps.sh $needed cmocka=libcmocka-dev || exit
if [ $servers = yes ]; then
    sh tests/deps.sh --servers cmd:dictd=dictd cmd:nginx=nginx-light \
        cmd:lighttpd=lighttpd cmd:curl=curl cmd:python3=python3 \
        cmd:update-ca-certificates=ca-certificates \
        cmd:postfix=postfix cmd:dovecot=dovecot-core \
        cmd:/usr/lib/dovecot/lmtp=dovecot-lmtpd \
        cmd:/usr/lib/dovecot/pop3=dovecot-pop3d \
        cmd:vsftpd=vsftpd cmd:gophernicus=gophernicus \
        cmd:tinyproxy=tinyproxy-bin cmd:danted=dante-server \
        cmd:/usr/lib/news/bin/innd=inn2 \
        cmd:redis-server=redis-server cmd:memcached=memcached \
        cmd:beanstalkd=beanstalkd cmd:ngircd=ngircd \
        "cmd:in.fingerd=fingerd finger" \
        "cmd:/usr/lib/dovecot/managesieve=dovecot-managesieved dovecot-sieve" \
        "cmd:saslpasswd2=sasl2-bin libsasl2-modules" \
        libbrotlidec=libbrotli-dev libzstd=libzstd-dev \
        libidn2=libidn2-dev libpsl=libpsl-dev \
        cmd:c++=g++ cmd:clang-format=clang-format \
        cmd:shellcheck=shellcheck cmd:openssl=openssl || exit
    # Their packages cannot stand beside Dovecot's and INN's.
    sh tests/servers/unpack.sh build/servers/cyrus cyrus-pop3d || exit
    sh tests/servers/unpack.sh build/servers/sn sn || exit
    sh tests/servers/unpack.sh build/servers/pure-ftpd pure-ftpd || exit
fi
set_up -Dtests=enabled
# A directory made by the demo has no tests, and says so with exit code 0.
grep -q '"name": "tests", "value": "enabled"' \
    build/meson-info/intro-buildoptions.json ||
    quietly meson configure build -Dtests=enabled
quietly ninja -C build

expected=$(cat tests/expected-tests)
exist=$(meson test -C build --no-rebuild --list 2>/dev/null | grep -c .)
if [ "$exist" -lt "$expected" ]; then
    echo "Only $exist tests exist; tests/expected-tests says $expected." >&2
    exit 1
fi

results=build/meson-logs/testlog.json
rm -f $results
meson test -C build --no-rebuild --print-errorlogs --no-suite slow "$@"
rc=$?
touch $results # none, if no test was chosen

skipped=$(grep '"result": "SKIP"' $results |
    sed 's/.*"name": "\([^"]*\)".*/  \1/')
if [ -n "$skipped" ]; then
    echo 'Skipped, for want of a server or a tool:'
    echo "$skipped"
fi
all=$(grep -c '"result"' $results)
passed=$(grep -c -e '"result": "OK"' -e '"result": "EXPECTEDFAIL"' $results)
skips=$(grep -c '"result": "SKIP"' $results)
failed=$((all - passed - skips))
if [ $servers = yes ] && [ "$skips" -gt 0 ]; then
    echo 'With --servers, a skipped test is a failure.'
    rc=1
fi
[ "$failed" -eq 0 ] || rc=1
echo "$passed passed, $failed failed, $skips skipped"
exit $rc
