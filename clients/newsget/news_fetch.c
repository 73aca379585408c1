/* news_fetch.c - a range in one go; or, where what is wanted is not one range,
 * the overview first, and articles by their message-ids. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../fetch/date.h"
#include "../term/usage.h"
#include "news_article.h"
#include "news_fetch.h"
#include "news_overview.h"
#include "news_report.h"

/* --- what is wanted --- */

/* By the Date of the article; one that makes no sense is none. */
static bool is_young(const struct news_job *j, struct sc_span date)
{
    char text[100];
    int64_t when;

    if (j->o->since == 0)
        return true;
    sc_span_copy(text, sizeof text, date);
    text[strcspn(text, "(")] = '\0'; /* a comment */
    when = read_date(text);
    return when < 0 || when >= j->o->since;
}

static bool is_wanted(const struct news_job *j, const struct nntp_article *a)
{
    return !ranges_have(&j->read, a->number) && is_young(j, a->date);
}

static int show_line(void *arg, const struct nntp_article *a)
{
    struct news_job *j = arg;

    if (!is_wanted(j, a))
        return 0;
    if (print_overview(a) < 0)
        return job_failed(j, NEWS_STORE, "cannot write to stdout: %s",
                          strerror(errno));
    return 0;
}

/* RFC 3977 section 3.6. */
static bool is_id(struct sc_span id)
{
    if (id.len < 3 || id.len > NNTP_ID_MOST || id.data[0] != '<' ||
        id.data[id.len - 1] != '>')
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (id.data[i] <= ' ' || id.data[i] >= 0x7f ||
            (id.data[i] == '>' && i + 1 < id.len))
            return false;
    return true;
}

static int note_name(void *arg, const struct nntp_article *a)
{
    struct news_job *j = arg;

    if (!is_wanted(j, a))
        return 0;
    if (!is_id(a->message_id)) {
        j->odd++;
        return 0;
    }
    if (wanted_add(&j->wanted, a->number, a->message_id) < 0)
        return job_failed(j, EXIT_MEMORY, "no memory");
    return 0;
}

/* --- the calls --- */

/* FIRST 0: all. */
static int url_of(const struct news_job *j, uint64_t first, uint64_t last,
                  struct sc_buf *url)
{
    int rc = sc_buf_addf(url, "%s%s", j->server.data, j->group_path.data);

    if (rc == 0 && first > 0)
        rc = sc_buf_addf(url, "/%" PRIu64 "-", first);
    if (rc == 0 && last > 0)
        rc = sc_buf_addf(url, "%" PRIu64, last);
    return rc;
}

static void call(struct news_job *j, const struct nntp_fetch *how,
                 uint64_t first, uint64_t last, struct nntp_result *r)
{
    struct sc_buf url = SC_BUF(16384);

    if (url_of(j, first, last, &url) < 0)
        job_failed(j, EXIT_MEMORY, "no memory");
    else
        nntp_fetch(url.data, how, r);
    sc_buf_free(&url);
}

static struct nntp_fetch how_of(const struct news_job *j)
{
    return (struct nntp_fetch){.flags = j->o->compress ? NNTP_COMPRESS : 0,
                               .connections = j->o->connections,
                               .backups = (const char *const *)j->backup,
                               .options = &j->connect};
}

static void fetch_overview(struct news_job *j, uint64_t first, uint64_t last,
                           bool shown)
{
    struct nntp_fetch how = how_of(j);

    how.what = NNTP_OVER;
    how.over = shown ? show_line : note_name;
    how.arg = j;
    how.backups = NULL; /* their numbers are others */
    call(j, &how, first, last, shown ? &j->r : &j->over);
}

static void fetch_names(struct news_job *j)
{
    struct nntp_fetch how = how_of(j);

    set_article_calls(&how, j);
    how.ids = (const char *const *)j->wanted.id;
    if (j->wanted.n > 0)
        nntp_fetch(j->server.data, &how, &j->r);
}

static void fetch_range(struct news_job *j, uint64_t first, uint64_t last)
{
    struct nntp_fetch how = how_of(j);

    set_article_calls(&how, j);
    call(j, &how, first, last, &j->r);
}

/* All there was is read now; numbers without an article before the last one too,
 * or they would be asked for again each time. */
static void note_all(struct news_job *j)
{
    uint64_t last = ranges_last(&j->done);

    if (j->failed.code != 0 || j->over.error.code < 0 || j->r.error.code < 0 ||
        j->o->since > 0 || j->odd + j->damaged + j->partial > 0)
        return;
    if (last >= (j->first > 0 ? j->first : 1))
        ranges_add(&j->done, j->first > 0 ? j->first : 1, last);
}

/* FIRST..LAST begins and ends with what is not read. */
static void fetch_articles(struct news_job *j, uint64_t first, uint64_t last,
                           bool one_range)
{
    if (one_range && j->o->since == 0)
        fetch_range(j, first, last);
    else {
        fetch_overview(j, first, last, false);
        if (j->failed.code == 0 && j->over.error.code == 0)
            fetch_names(j);
    }
    end_articles(j);
    note_all(j);
}

void fetch_news(struct news_job *j)
{
    uint64_t first = j->first, last = j->last, gap_first, gap_last;
    bool one_range = true;

    if (j->read.n > 0) {
        ranges_gap(&j->read, first > 0 ? first : 1, &gap_first, &gap_last);
        if (last > 0 && gap_first > last)
            return; /* all is read */
        first = gap_first;
        one_range = gap_last == 0 || (last > 0 && gap_last >= last);
    }
    if (j->o->articles)
        fetch_articles(j, first, last, one_range);
    else
        fetch_overview(j, first, last, true);
}
