/* pop_report.c - exit codes are curl's where it has the same failure. How far the
 * dialogue has come tells those apart that have the same code. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../term/complain.h"
#include "../term/usage.h"
#include "pop_report.h"

static int exit_of_refusal(const struct pop_account *a)
{
    switch (a->reached) {
    case REACHED_TLS:
        return POP_NO_TLS;
    case REACHED_LOGIN:
        return POP_LOGIN;
    default:
        return a->r.fetched > 0 ? POP_PARTLY : POP_ODD;
    }
}

/* The system's words, and it was not the network: files. */
static bool is_local(const struct sc_error *e)
{
    return e->phase == SC_PHASE_NONE && e->code > SC_EOF &&
           e->code != SC_EPROTO && e->code != SC_ENOTSUP &&
           e->code != SC_ENOMEM && e->code != SC_ETIMEDOUT;
}

static int exit_of(const struct pop_account *a, const struct sc_error *e)
{
    switch (e->code) {
    case SC_EREPLY:
        return exit_of_refusal(a);
    case SC_EPLAINTEXT:
        return e->phase == SC_PHASE_TLS ? POP_ODD : POP_LOGIN;
    case SC_ENOTSUP: /* no mechanism in common; or no UIDL, no TOP */
        return e->phase == SC_PHASE_GREET ? POP_LOGIN : POP_ODD;
    case SC_ETLS:
        return e->phase == SC_PHASE_TLS ? 35 : POP_NO_TLS;
    case SC_EINVAL:
        return EXIT_USAGE;
    case SC_EPROTO: /* before LIST: of the state file */
        if (e->phase == SC_PHASE_NONE && a->reached < REACHED_MAILBOX)
            return POP_READ;
        return POP_ODD;
    default:
        return is_local(e) ? POP_STORE : exit_code_of(e);
    }
}

static void print_line(const struct pop_account *a, const char *text)
{
    fprintf(stderr, "%s: %s%s%s\n", program_name, a->one_of_many ? a->name : "",
            a->one_of_many ? ": " : "", text);
}

int report_failure(const struct pop_account *a, const struct sc_error *e)
{
    print_line(a, e->text[0] != '\0' ? e->text : sc_strerror(e->code));
    return exit_of(a, e);
}

static void print_counts(const struct pop_account *a)
{
    char line[200];

    snprintf(line, sizeof line,
             "%" PRIu64 " messages, %" PRIu64 " fetched, %" PRIu64
             " skipped, %" PRIu64 " deleted",
             a->r.total, a->r.fetched, a->r.skipped, a->r.deleted);
    print_line(a, line);
}

/* That stdout cannot be written is told once. */
static int report_stdout(const struct pop_account *a, bool *told)
{
    if (!*told)
        fprintf(stderr, "%s: cannot write to stdout: %s\n", program_name,
                strerror(-a->stdout_error));
    *told = true;
    return POP_STORE;
}

static int report_account(const struct pop_account *a, bool *told)
{
    int code = 0;

    if (a->r.error.code < 0 && a->stdout_error < 0)
        code = report_stdout(a, told);
    else if (a->r.error.code < 0)
        code = report_failure(a, &a->r.error);
    if (a->o->mail.verbose)
        print_counts(a);
    return a->r.undecided > 0 ? POP_UNDECIDED : code;
}

int report_accounts(const struct pop_account *all, size_t n)
{
    size_t failed = 0;
    bool told = false;
    int first = 0, code;

    for (size_t i = 0; i < n; i++) {
        code = report_account(&all[i], &told);
        failed += code != 0;
        if (first == 0)
            first = code;
    }
    return failed > 0 && failed < n ? POP_PARTLY : first;
}
