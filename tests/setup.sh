#!/bin/sh
# setup.sh - make build/ ready: sourced by demo.sh and run.sh in the root of
# the project. Quiet when all goes well; shows everything when it does not.

# shellcheck disable=SC2034 # for those who source this
needed='libuv=libuv1-dev liburiparser=liburiparser-dev openssl=libssl-dev
zlib=zlib1g-dev'

# A directory without build.ninja was never set up to the end.
prepare() {
    [ -e build/build.ninja ] || rm -rf build
    mkdir -p build
    DEPS_LOG=build/deps.log
    export DEPS_LOG
}

quietly() {
    if ! "$@" >build/last.log 2>&1; then
        cat build/last.log >&2
        echo "failed: $*" >&2
        exit 1
    fi
}

# set_up [OPTION...]: make build/, or bring it up to date with the list of
# files, which ninja does not watch.
set_up() {
    find lib clients tests docs -name '*.[ch]' | sort >build/files.new
    if [ ! -e build/build.ninja ]; then
        echo 'Setting up build/ ...' >&2
        quietly meson setup build "$@"
    elif ! cmp -s build/files build/files.new; then
        quietly meson setup --reconfigure build "$@"
    fi
    mv build/files.new build/files
}
