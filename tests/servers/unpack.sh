#!/bin/sh
# unpack.sh - programs out of Debian packages that are not installed.
#
#   sh tests/servers/unpack.sh DIR PACKAGE...
#
# For a server whose package cannot stand beside another's. DIR gets the files
# of the packages and of what they need and this system lacks, and DIR/with:
# "DIR/with PROGRAM [ARGUMENT...]" runs a program with their libraries. What is
# unpacked already is left alone: no apt. Exit code 69: it cannot be done here.
set -u

dir=$1
shift
[ "$(cat "$dir/packages" 2>/dev/null)" = "$*" ] && exit 0

by_hand() {
    echo "Cannot unpack $* into $dir." >&2
    exit 69
}

command -v apt-get >/dev/null || by_hand "$*"

new=$dir.new
rm -rf "$new"
mkdir -p "$new" || exit 69
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM
log=$(cd "$new" && pwd)/log

# What would be installed; what would have to go, stays.
missing() {
    apt-get -s install --no-install-recommends "$@" 2>>"$log" |
        awk '$1 == "Inst" { print $2 }'
}

download() {
    # shellcheck disable=SC2046 # words on purpose
    (cd "$new" && apt-get -qq -o Acquire::Retries=0 download \
        $({ printf '%s\n' "$@" && missing "$@"; } | sort -u)) >>"$log" 2>&1
}

update() {
    as_root=
    [ "$(id -u)" = 0 ] || as_root='sudo -n'
    # shellcheck disable=SC2024 # the log is ours
    $as_root apt-get -qq update >>"$log" 2>&1
}

# The lists may be old or, in a fresh image, absent.
if ! download "$@"; then
    update
    if ! download "$@"; then
        tail -n 20 "$log" >&2
        by_hand "$*"
    fi
fi
for package in "$new"/*.deb; do
    dpkg-deb -x "$package" "$new" || by_hand "$*"
    rm "$package"
done

cat >"$new/with" <<'EOF'
#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
for folder in "$here"/usr/lib/*-linux-* "$here"/lib/*-linux-* "$here"/usr/lib; do
    [ ! -d "$folder" ] || libraries=${libraries:+$libraries:}$folder
    [ ! -d "$folder/sasl2" ] || SASL_PATH=$folder/sasl2
done
[ -z "${SASL_PATH:-}" ] || export SASL_PATH
LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
PATH=$here/usr/sbin:$here/usr/bin:$PATH
export LD_LIBRARY_PATH PATH
exec "$@"
EOF
chmod 755 "$new" "$new/with"
echo "$*" >"$new/packages"
rm -rf "$dir"
mv "$new" "$dir"
