#!/bin/sh
# check_codes.sh - every code of error.h is named in a test, as the result of
# some call: test_error.c, which only knows their words, does not count.
set -u
cd "$(dirname "$0")/.." || exit 1

codes=$(sed -n 's/^ *X(\(SC_E[A-Z]*\),.*/\1/p; s/^ *\(SC_E[A-Z]*\) = .*/\1/p' \
    lib/simpleclient/error.h)
[ -n "$codes" ] || { echo 'no codes found in error.h'; exit 1; }

failed=0
for code in $codes; do
    grep -rqw --include='*.c' --exclude=test_error.c -e "$code" \
        tests/unit tests/loopback && continue
    echo "$code is named in no test"
    failed=1
done

# Every exit code is named in the manual page.
for code in $(grep -o '{SC_E[A-Z]*, [0-9]*}' clients/term/complain.c |
    tr -dc '0-9\n') 2 7 23 56; do
    grep -q "^\.It \(.* \)*$code\( .*\)*$" docs/man/httpget.1 && continue
    echo "docs/man/httpget.1 does not name exit code $code"
    failed=1
done
# So are urlget's, and its own options.
for code in $(grep -o '", *[0-9]*}' clients/fetch/other_code.c |
    tr -dc '0-9\n'); do
    grep -q "^\.It \(.* \)*$code\( .*\)*$" docs/man/urlget.1 && continue
    echo "docs/man/urlget.1 does not name exit code $code"
    failed=1
done
options=$(sed -n 's/^    U_[A-Z_]*("\([a-z0-9-]*\)".*/\1/p' \
    clients/fetch/option_table.c)
for option in $options; do
    for page in docs/man/urlget.1 docs/design/urlget-and-curl.md; do
        grep -q -e "^\.It .*Fl Fl $option\( .*\)*$" -e "\`--$option\`" \
            "$page" && continue
        echo "$page does not name --$option"
        failed=1
    done
done
# check_page PROGRAM FILES: the page names the exit codes of enum NAME_exit, those
# that all have, and each option of the tables in FILES.
check_page() {
    page=docs/man/$1.1
    shift
    codes=$(sed -n 's/^ *\(SEND\|POP\|NEWS\)_[A-Z_]* = \([0-9]*\),* .*/\2/p' \
        "$@")
    for code in $codes 2 3 6 7 8 23 27 28 35 56 60 63; do
        grep -q "^\.It \(.* \)*$code\( .*\)*$" "$page" && continue
        echo "$page does not name exit code $code"
        failed=1
    done
    options=$(sed -n 's/^    {"\([a-z0-9-]*\)", .*/\1/p' "$@" \
        clients/term/mail_options.c)
    for option in $options; do
        grep -q -e "^\.It .*Fl Fl $option\( .*\)*$" "$page" && continue
        echo "$page does not name --$option"
        failed=1
    done
}
check_page smtpsend clients/smtpsend/send_report.h clients/smtpsend/send_options.c
check_page popfetch clients/popfetch/pop_report.h clients/popfetch/pop_options.c
check_page newsget clients/newsget/news_report.h clients/newsget/news_options.c
exit $failed
