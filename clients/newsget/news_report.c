/* news_report.c - exit codes are curl's where it has the same failure. The
 * server's code, and how far the dialogue has come, tell those apart that have
 * the same error. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../term/complain.h"
#include "../term/usage.h"
#include "news_report.h"

/* RFC 3977 section 3.2.1, RFC 4642 section 2.2, RFC 4643 section 2.2. */
static int exit_of_refusal(const struct news_job *j, int status)
{
    switch (status) {
    case 440:
    case 441:
        return NEWS_REFUSED;
    case 480:
    case 481:
    case 482:
        return NEWS_LOGIN;
    case 483:
    case 580:
        return NEWS_NO_TLS;
    default:
        break;
    }
    if (j->reached == REACHED_TLS)
        return NEWS_NO_TLS;
    if (j->reached == REACHED_LOGIN)
        return NEWS_LOGIN;
    if (j->r.fetched > 0)
        return NEWS_PARTLY;
    return status == 411 || status == 420 || status == 423 || status == 430
               ? NEWS_NONE
               : NEWS_ODD;
}

static int exit_of(const struct news_job *j, const struct sc_error *e)
{
    switch (e->code) {
    case SC_EREPLY:
        return exit_of_refusal(j, e->status);
    case SC_EPLAINTEXT:
        return e->phase == SC_PHASE_TLS ? NEWS_ODD : NEWS_LOGIN;
    case SC_ENOTSUP: /* no mechanism in common; or no such command */
        return e->phase == SC_PHASE_GREET ? NEWS_LOGIN : NEWS_ODD;
    case SC_ETLS:
        return e->phase == SC_PHASE_TLS ? 35 : NEWS_NO_TLS;
    case SC_EUNKNOWN:
        return NEWS_UNKNOWN;
    case SC_EINVAL:
        return EXIT_USAGE;
    default:
        return exit_code_of(e);
    }
}

int report_failure(const struct news_job *j, const struct sc_error *e)
{
    fprintf(stderr, "%s: %s\n", program_name,
            e->text[0] != '\0' ? e->text : sc_strerror(e->code));
    return exit_of(j, e);
}

int report_client(const struct news_job *j, NNTPClient *n, int rc)
{
    struct sc_error e = *sc_last_error(nntp_base(n));

    if (rc >= 0)
        return 0;
    if (e.code != rc)
        e = (struct sc_error){.code = rc};
    return report_failure(j, &e);
}

/* --- what was fetched --- */

static void print_counts(const struct news_job *j)
{
    const char *what = j->o->articles ? "articles" : "lines";

    fprintf(stderr, "%s: %" PRIu64 " %s, %" PRIu64 " missing", program_name,
            j->r.fetched, what, j->r.missing);
    if (j->o->yenc)
        fprintf(stderr, "; %" PRIu64 " files, %" PRIu64 " without yEnc",
                j->files, j->plain);
    fputc('\n', stderr);
}

/* Numbers only grow: a server that was set up anew counts from 1, and nothing
 * would ever be new there. */
static void warn_of_numbers(const struct news_job *j)
{
    const struct nntp_result *r = j->over.count > 0 ? &j->over : &j->r;
    uint64_t last = ranges_last(&j->read);

    if (r->count > 0 && last > r->last)
        fprintf(stderr,
                "%s: %s: the newsrc says %" PRIu64
                " is read, but the last one is %" PRIu64 "\n",
                program_name, j->group.data, last, r->last);
}

static int say(int code, const char *text)
{
    fprintf(stderr, "%s: %s\n", program_name, text);
    return code;
}

/* Nothing has failed; but is there what was asked for? */
static int check_contents(const struct news_job *j)
{
    const struct nntp_result *r = &j->r;

    if (j->damaged + j->partial > 0 && j->files > 0) /* each was told */
        return NEWS_PARTLY;
    if (j->damaged + j->partial > 0)
        return j->damaged > 0 ? NEWS_DAMAGED : NEWS_SHORT;
    if (j->odd > 0)
        return say(NEWS_PARTLY, "articles without a message-id were left out");
    if (r->fetched == 0 && j->first > 0 && j->first == j->last &&
        j->read.n == 0 && j->o->since == 0)
        return say(NEWS_NONE, "there is no such article");
    if (r->fetched == 0 && r->missing > 0)
        return say(NEWS_NONE, "what the server lists is not there");
    if (j->o->yenc && r->fetched > 0 && j->files == 0)
        return say(NEWS_DAMAGED, "there is no yEnc in what came");
    return 0;
}

int report_fetching(const struct news_job *j)
{
    const struct sc_error *e = &j->r.error;
    int code;

    if (j->failed.code != 0)
        code = say(j->failed.code, j->failed.text);
    else if (j->over.error.code < 0)
        code = report_failure(j, &j->over.error);
    else if (e->code < 0)
        code = report_failure(j, e);
    else
        code = check_contents(j);
    if (code == 0)
        warn_of_numbers(j);
    if (j->o->mail.verbose)
        print_counts(j);
    return code;
}
