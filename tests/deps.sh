#!/bin/sh
# deps.sh - install what is missing, and nothing else.
#
#   sh tests/deps.sh [--servers] NAME=PACKAGE...
#
# NAME is a pkg-config name, or cmd:NAME for a program; PACKAGE is what Debian
# calls it. A compiler, meson, ninja and pkg-config are always asked for. What
# is there, by whatever way it came, is left alone: nothing missing, no apt.
# --servers: the packages hold servers; none of them is started.
# Exit code 69: something is missing and cannot be installed from here.
set -u

PATH=$PATH:/usr/sbin:/sbin
export PATH
log=${DEPS_LOG:-/dev/null}
servers=no
if [ "${1:-}" = --servers ]; then
    servers=yes
    shift
fi

names=
packages=
miss() {
    names="$names ${1#cmd:}"
    packages="$packages $2"
}

have() { command -v "$1" >/dev/null 2>&1; }

# gcc without libc6-dev is a compiler that cannot compile.
if ! have cc || ! echo '#include <stdio.h>' | cc -E - >/dev/null 2>&1; then
    miss cc 'gcc libc6-dev'
fi
have meson || miss meson meson
have ninja || miss ninja ninja-build
have pkg-config || miss pkg-config pkg-config
for pair in "$@"; do
    case $pair in
    cmd:*) have "$(echo "${pair%%=*}" | cut -c5-)" && continue ;;
    *) pkg-config --exists "${pair%%=*}" 2>/dev/null && continue ;;
    esac
    miss "${pair%%=*}" "${pair#*=}"
done
[ -n "$packages" ] || exit 0

by_hand() {
    echo "Missing:$names" >&2
    if have apt-get; then
        echo "Install it with:  apt-get install$packages" >&2
    fi
    exit 69
}

have apt-get || by_hand
if [ "$(id -u)" = 0 ]; then
    as_root=
elif have sudo && [ -t 0 ]; then
    as_root=sudo
elif have sudo && sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    by_hand
fi

# While this file says 101, installing a server does not start it.
policy=/usr/sbin/policy-rc.d
aside=$policy.simpleclient-aside
put_policy() {
    if [ -e "$policy" ] && [ ! -e "$aside" ]; then
        $as_root mv "$policy" "$aside"
    fi
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
}
# shellcheck disable=SC2317 # called by the trap
remove_policy() {
    $as_root rm -f "$policy"
    if [ -e "$aside" ]; then
        $as_root mv "$aside" "$policy"
    fi
}

# INN's package cannot be set up where the host's name has no domain: it is
# shown one.
apart=
begin='exec "$@"'
if [ $servers = yes ] && $as_root unshare -u true 2>/dev/null; then
    apart='unshare -u'
    begin="hostname host.simple.test; $begin"
fi

# sudo drops exported variables, so env sets them behind it.
apt() {
    # shellcheck disable=SC2086 # words on purpose
    $as_root $apart sh -c "$begin" sh env DEBIAN_FRONTEND=noninteractive \
        apt-get -y -qq -o Dpkg::Use-Pty=0 -o Acquire::Retries=0 "$@" \
        </dev/null >>"$log" 2>&1
}

echo "Installing:$packages" >&2
if [ $servers = yes ]; then
    trap remove_policy EXIT
    trap 'exit 1' HUP INT TERM
    put_policy
fi
# shellcheck disable=SC2086 # words on purpose
if ! apt install --no-install-recommends $packages; then
    # The lists may be old or, in a fresh image, absent.
    apt update
    if ! apt install --no-install-recommends $packages; then
        [ "$log" = /dev/null ] || tail -n 20 "$log" >&2
        by_hand
    fi
fi
exit 0
