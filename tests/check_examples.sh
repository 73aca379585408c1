#!/bin/sh
# check_examples.sh - the programs that README, the tutorial and the design
# pages print, whole or in part, are the files beside them, word for word.
set -u
cd "$(dirname "$0")/.." || exit 1

# A block "<!-- FILE -->" + "```c" must equal FILE from its first #include on.
failed=0
for page in README.md docs/tutorial/*.md docs/design/*.md; do
    # shellcheck disable=SC2013 # no file name has a space
    for file in $(sed -n 's/^<!-- \([^ ]*\.c\) -->$/\1/p' "$page"); do
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

# A block "<!-- part of FILE -->" + "```c" must stand in FILE.
python3 - README.md docs/tutorial/*.md docs/design/*.md <<'EOF' || failed=1
import re
import sys
block = re.compile(r'<!-- part of (\S+) -->\n(?:```c\n(.*?)^```$)?', re.S | re.M)
failed = 0
for page in sys.argv[1:]:
    for name, part in block.findall(open(page).read()):
        if not part or '\n' + part not in open(name).read():
            print(page, 'does not show', name, 'as it is:', part[:60])
            failed = 1
sys.exit(failed)
EOF
exit $failed
