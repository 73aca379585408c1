#!/bin/sh
# check_headers.sh - each public header compiles alone, as C11 and as C++11,
# without a warning.
set -u
cd "$(dirname "$0")/.." || exit 1

flags='-Wall -Wextra -pedantic -Werror -fsyntax-only -Ilib'
failed=0
cxx=$(command -v c++ || command -v g++ || command -v clang++)
for h in lib/simpleclient/*.h; do
    line="#include <simpleclient/${h##*/}>"
    # shellcheck disable=SC2086 # words on purpose
    echo "$line" | ${CC:-cc} -x c -std=c11 $flags - ||
        { echo "$h: not C11 on its own"; failed=1; }
    [ -n "$cxx" ] || continue
    # shellcheck disable=SC2086 # words on purpose
    echo "$line" | $cxx -x c++ -std=c++11 $flags - ||
        { echo "$h: not C++11 on its own"; failed=1; }
done
[ $failed = 0 ] || exit 1
[ -n "$cxx" ] || { echo 'no C++ compiler'; exit 77; }
