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
