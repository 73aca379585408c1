#!/bin/sh
# check_install.sh - installed into a scratch prefix, the library is found by
# pkg-config, and a ten-line program compiles and runs with it.
set -eu
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# Debian without dpkg-dev would get lib64.
build() {
    meson setup "$tmp/build" --prefix="$tmp/root" --libdir=lib \
        -Dtests=disabled && meson install -C "$tmp/build"
}
build >"$tmp/log" 2>&1 || { cat "$tmp/log"; exit 1; }
cat >"$tmp/x.c" <<'END'
#include <simpleclient/http.h>
#include <stdio.h>

int main(void)
{
    struct http_reply page = {0};
    int rc = http_get("http://127.0.0.1:1/", &page);

    puts(page.error.text);
    http_reply_free(&page);
    return rc != SC_ECONNREFUSED;
}
END
PKG_CONFIG_PATH=$tmp/root/lib/pkgconfig
LD_LIBRARY_PATH=$tmp/root/lib
export PKG_CONFIG_PATH LD_LIBRARY_PATH
# shellcheck disable=SC2046 # words on purpose
${CC:-cc} -Wall -Wextra -o "$tmp/x" "$tmp/x.c" \
    $(pkg-config --cflags --libs simpleclient)
timeout 20 "$tmp/x"
for h in lib/simpleclient/*.h; do
    [ -e "$tmp/root/include/simpleclient/${h##*/}" ] ||
        { echo "${h##*/} is not installed"; exit 1; }
done
