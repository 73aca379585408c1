#!/bin/sh
# check_shell.sh - the scripts are clean for shellcheck.
set -u
cd "$(dirname "$0")/.." || exit 1
command -v shellcheck >/dev/null || { echo 'no shellcheck'; exit 77; }
# setup.sh is a part of two of the others.
shellcheck -s sh -x clients/*.sh docs/tutorial/*.sh tests/*.sh \
    tests/servers/*.sh || exit 1
shellcheck -s bash .ci/run
