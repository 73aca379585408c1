#!/bin/sh
# check_examples.sh - the programs that README and the tutorial print are the
# files beside them, word for word.
set -u
cd "$(dirname "$0")/.." || exit 1

# A block "<!-- FILE -->" + "```c" must equal FILE from its first #include on.
failed=0
for page in README.md docs/tutorial/*.md docs/design/*.md; do
    # shellcheck disable=SC2013 # no file name has a space
    for file in $(sed -n 's/^<!-- \(.*\.c\) -->$/\1/p' "$page"); do
        shown=$(awk -v mark="<!-- $file -->" '
            $0 == mark { on = 1; next }
            on == 1 && /^```c$/ { on = 2; next }
            on == 2 && /^```$/ { exit }
            on == 2' "$page")
        real=$(sed -n '/^#include/,$p' "$file") || failed=1
        [ "$shown" = "$real" ] && continue
        echo "$page does not show $file as it is"
        failed=1
    done
done
exit $failed
