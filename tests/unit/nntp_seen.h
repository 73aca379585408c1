/* nntp_seen.h - what the callbacks of commands were given, as text. */
#ifndef TESTS_UNIT_NNTP_SEEN_H
#define TESTS_UNIT_NNTP_SEEN_H

#include "nntp_script.h"

static struct sc_buf seen;

static inline int forget(void **state)
{
    (void)state;
    sc_buf_free(&seen);
    seen.limit = 1 << 20;
    sc_buf_add(&seen, "", 0);
    return 0;
}

static inline int see_number(void *arg, uint64_t number)
{
    (void)arg;
    return sc_buf_addf(&seen, "%llu ", (unsigned long long)number);
}

static inline int see_group(void *arg, const struct nntp_group *g)
{
    (void)arg;
    return sc_buf_addf(
        &seen, "%.*s %llu %llu %llu [%.*s] %lld [%.*s] [%.*s]\n",
        (int)g->name.len, g->name.data, (unsigned long long)g->count,
        (unsigned long long)g->first, (unsigned long long)g->last,
        (int)g->status.len, g->status.data, (long long)g->created,
        (int)g->creator.len, g->creator.data, (int)g->description.len,
        g->description.data);
}

static inline int see_line(void *arg, struct sc_span line)
{
    (void)arg;
    return sc_buf_addf(&seen, "%.*s|", (int)line.len, line.data);
}

static inline int see_article(void *arg, const struct nntp_article *a)
{
    (void)arg;
    sc_buf_addf(&seen, "%llu [%.*s] [%.*s] %llu %llu [%.*s]",
                (unsigned long long)a->number, (int)a->subject.len,
                a->subject.data, (int)a->references.len, a->references.data,
                (unsigned long long)a->bytes, (unsigned long long)a->lines,
                (int)a->xref.len, a->xref.data);
    for (size_t i = 0; i < a->n_more; i++)
        sc_buf_addf(&seen, " %.*s=%.*s", (int)a->more[i].name.len,
                    a->more[i].name.data, (int)a->more[i].value.len,
                    a->more[i].value.data);
    return sc_buf_add(&seen, "\n", 1);
}

static inline int see_value(void *arg, uint64_t number, struct sc_span value)
{
    (void)arg;
    return sc_buf_addf(&seen, "%llu [%.*s]\n", (unsigned long long)number,
                       (int)value.len, value.data);
}

static inline void assert_seen(const char *text)
{
    assert_string_equal(seen.data, text);
    seen.len = 0;
    sc_buf_add(&seen, "", 0);
}

#endif
