/* newsget.c - read news by NNTP: the overview of a group, its articles, lists of
 * groups; and post. stdout is data only; one failure, one line on stderr. */

#include <signal.h>
#include <stdio.h>

#include "newsget/news_fetch.h"
#include "newsget/news_lists.h"
#include "newsget/news_newsrc.h"
#include "newsget/news_post.h"
#include "newsget/news_progress.h"
#include "newsget/news_report.h"
#include "term/interrupt.h"
#include "term/standard.h"
#include "term/usage.h"

const char program_name[] = "newsget";

static void work(void *arg)
{
    fetch_news(arg);
}

/* What was stored before something went wrong is read, all the same. */
static int mark(struct news_job *j, int code)
{
    int marked = 0;

    if (j->o->newsrc != NULL && j->done.n > 0)
        marked = mark_newsrc(j->o->newsrc, j->group.data, &j->done);
    return code != 0 ? code : marked;
}

static int fetch(struct news_job *j)
{
    const struct news_options *o = j->o;
    struct sc_group *g = sc_group_new(NULL, 0);
    int caught;

    sc_group_go(g, work, j);
    caught = wait_or_interrupt(g, progress_wanted(o) ? show_progress : NULL, j);
    if (caught != 0) {
        mark(j, 0);
        die_of(caught);
    }
    return mark(j, report_fetching(j));
}

static int do_job(struct news_job *j)
{
    const struct news_options *o = j->o;
    int code = 0;

    if (o->newsrc != NULL)
        code = read_newsrc(o->newsrc, j->group.data, &j->read);
    if (code != 0 || (code = find_password(j)) != 0)
        return code;
    if (o->list)
        return list_groups(j);
    return o->post ? post_article(j) : fetch(j);
}

static int run(struct news_options *o)
{
    static struct news_job j;
    int code;

    if (o->mail.help) {
        print_news_help(o);
        return 0;
    }
    if (o->mail.version) {
        printf("newsget %s (simpleclient/%s %s)\n", NEWSGET_VERSION,
               sc_version(), sc_features());
        return 0;
    }
    if ((code = make_job(&j, o)) == 0)
        code = o->serverinfo ? show_server(&j) : do_job(&j);
    free_job(&j);
    return code;
}

int main(int argc, char **argv)
{
    static struct news_options o;
    int code;

    hold_numbers();
    signal(SIGPIPE, SIG_IGN); /* a write says so, and it is exit 23 */
    if ((code = read_news_options(&o, argc, argv)) < 0)
        code = run(&o);
    free_news_options(&o);
    return finish_stdout(program_name, code);
}
