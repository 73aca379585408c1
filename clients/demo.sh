#!/bin/sh
# demo.sh - install what is missing, build, and run the demo: http_get()
# against a server in the same process, blocking and as tasks.
#
#   sh clients/demo.sh
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/setup.sh

prepare
# shellcheck disable=SC2086 # words on purpose
sh tests/deps.sh $needed || exit
# shellcheck disable=SC2119 # no option: as it was
set_up
quietly ninja -C build clients/demo
exec timeout 20 build/clients/demo "$@"
