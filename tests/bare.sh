#!/bin/sh
# bare.sh - by hand, as root: do README's two commands work in a fresh Debian
# 12 that holds nothing, and again with the network cut off?
#
#   sh tests/bare.sh [DIRECTORY]
#
# Needs debootstrap. The root is made anew in DIRECTORY (a scratch directory
# by default), used through chroot, and removed.
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin
root=${1:-$(mktemp -d)}/bare
mirror=${MIRROR:-http://deb.debian.org/debian}

end() {
    umount "$root/proc" 2>/dev/null || true
    rm -rf "$root"
}
trap end EXIT
trap 'exit 1' HUP INT TERM

debootstrap --variant=minbase bookworm "$root" "$mirror" >/dev/null
# How this machine reaches the network.
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp -a /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
rm -rf "$root/var/lib/apt/lists"
mkdir -p "$root/var/lib/apt/lists" "$root/src"
tar -cf - --exclude='./build*' --exclude=./.git . | tar -xf - -C "$root/src"
mount -t proc proc "$root/proc"

step() { # WORDS COMMAND...
    echo "=== $1"
    shift
    begin=$(date +%s)
    "$@"
    echo "=== $(($(date +%s) - begin)) s"
}
inside="cd /src && PATH=/usr/sbin:/usr/bin:/sbin:/bin"
step 'demo, fresh' chroot "$root" sh -c "$inside sh clients/demo.sh"
step 'demo, again' chroot "$root" sh -c "$inside sh clients/demo.sh"
step 'tests' chroot "$root" sh -c "$inside sh tests/run.sh"
# Loopback tests need loopback; ip(8) is not in a bare root.
step 'demo, offline' unshare -n sh -c "ip link set lo up
    exec chroot '$root' sh -c '$inside sh clients/demo.sh'"
step 'tests, offline' unshare -n sh -c "ip link set lo up
    exec chroot '$root' sh -c '$inside sh tests/run.sh'"
echo '=== all well'
