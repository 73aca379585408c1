/* popfetch.c - fetch mail by POP3: to stdout, a Maildir, an mbox or a command.
 * stdout is data only; one failure, one line on stderr. */

#include <signal.h>
#include <stdio.h>

#include "popfetch/pop_fetch.h"
#include "popfetch/pop_info.h"
#include "popfetch/pop_report.h"
#include "term/interrupt.h"
#include "term/standard.h"
#include "term/usage.h"

const char program_name[] = "popfetch";

static int fetch(struct pop_account *all, size_t n)
{
    int code = find_passwords(all, n), caught;

    if (code != 0)
        return code;
    if ((caught = fetch_accounts(all, n)) != 0)
        die_of(caught);
    return report_accounts(all, n);
}

static int run(struct pop_options *o)
{
    struct pop_account *all;
    int code;

    if (o->mail.help) {
        print_pop_help(o);
        return 0;
    }
    if (o->mail.version) {
        printf("popfetch %s (simpleclient/%s %s)\n", POPFETCH_VERSION,
               sc_version(), sc_features());
        return 0;
    }
    if ((code = make_accounts(o, &all)) != 0)
        return code;
    code = o->serverinfo ? show_servers(all, o->n) : fetch(all, o->n);
    free_accounts(all, o->n);
    return code;
}

int main(int argc, char **argv)
{
    static struct pop_options o;
    int code;

    hold_numbers();
    signal(SIGPIPE, SIG_IGN); /* a write says so, and it is exit 23 */
    if ((code = read_pop_options(&o, argc, argv)) < 0)
        code = run(&o);
    free_pop_options(&o);
    return finish_stdout(program_name, code);
}
