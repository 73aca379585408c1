/* nntp_feed_peer.h - the small server takes articles, and knows which it has:
 * POST, STAT, and of other servers IHAVE, CHECK and TAKETHIS. It wants all that it
 * does not have, but says "later" to a message-id that begins so, <later...>,
 * rejects an article <bad...> when it has come, and says nothing to
 * CHECK <mute...> and TAKETHIS <silent...>, which it takes. */
#ifndef TESTS_LOOPBACK_NNTP_FEED_PEER_H
#define TESTS_LOOPBACK_NNTP_FEED_PEER_H

#include "nntp_peer.h"

struct feed_peer {
    struct nntp_peer p;
    struct sc_buf have; /* message-ids, LF between */
    int taken;
    int die_at;   /* the connection ends in front of this line of an article,
                     counted over all; 0: never */
    int lines;    /* so many have come */
    int unsaid;   /* the connection ends instead of this many next answers to
                     articles, which are kept; */
    bool forgets; /* or are not */
};

static inline struct feed_peer *feed_peer_of(struct nntp_visit *v)
{
    return (struct feed_peer *)(void *)v->p;
}

static inline bool feed_peer_has(const struct feed_peer *f, const char *id)
{
    char line[300];

    snprintf(line, sizeof line, "\n%s\n", id);
    return strstr(f->have.data, line) != NULL;
}

static inline void feed_peer_keep(struct feed_peer *f, const char *id)
{
    assert_int_equal(sc_buf_addf(&f->have, "%s\n", id), 0);
}

/* Into POST; false: cut. */
static inline bool feed_peer_read(struct nntp_visit *v)
{
    struct feed_peer *f = feed_peer_of(v);
    struct sc_span line;
    size_t dot;

    v->p->post.len = 0;
    sc_buf_add(&v->p->post, "", 0);
    for (;;) {
        f->lines++;
        if (f->lines == f->die_at) {
            visit_end(v);
            return false;
        }
        if (sc_readline(v->c, &line) < 0) {
            v->over = true;
            return false;
        }
        if (line.len == 1 && line.data[0] == '.')
            return true;
        dot = line.len > 0 && line.data[0] == '.';
        sc_buf_add(&v->p->post, line.data + dot, line.len - dot);
        sc_buf_add(&v->p->post, "\r\n", 2);
    }
}

/* An article has come: keep it, and say so, unless it is to be unsaid. */
static inline void feed_peer_take(struct nntp_visit *v, const char *id,
                                  const char *words)
{
    struct feed_peer *f = feed_peer_of(v);
    bool unsaid = f->unsaid > 0;

    if (!unsaid || !f->forgets) {
        feed_peer_keep(f, id);
        f->taken++;
    }
    if (unsaid) {
        f->unsaid--;
        visit_end(v);
    } else {
        visit_say(v, words);
    }
}

static inline void feed_peer_about(struct nntp_visit *v, int code,
                                   const char *id)
{
    char line[400];

    snprintf(line, sizeof line, "%d %s so be it", code, id);
    visit_say(v, line);
}

static inline void feed_peer_check(struct nntp_visit *v, const char *id)
{
    if (strncmp(id, "<mute", 5) == 0)
        return;
    if (strncmp(id, "<later", 6) == 0)
        feed_peer_about(v, 431, id);
    else
        feed_peer_about(v, feed_peer_has(feed_peer_of(v), id) ? 438 : 238, id);
}

static inline void feed_peer_takethis(struct nntp_visit *v, const char *id)
{
    char words[400];

    if (!feed_peer_read(v))
        return;
    snprintf(words, sizeof words, "239 %s taken", id);
    if (strncmp(id, "<silent", 7) == 0)
        feed_peer_keep(feed_peer_of(v), id);
    else if (strncmp(id, "<bad", 4) == 0 || feed_peer_has(feed_peer_of(v), id))
        feed_peer_about(v, 439, id);
    else
        feed_peer_take(v, id, words);
}

static inline void feed_peer_ihave(struct nntp_visit *v, const char *id)
{
    if (strncmp(id, "<later", 6) == 0)
        visit_say(v, "436 later");
    else if (feed_peer_has(feed_peer_of(v), id))
        visit_say(v, "435 I have it");
    else {
        visit_say(v, "335 go");
        if (v->over || !feed_peer_read(v))
            return;
        if (strncmp(id, "<bad", 4) == 0)
            visit_say(v, "437 bad");
        else
            feed_peer_take(v, id, "235 thanks");
    }
}

/* The value of the Message-ID that was posted. */
static inline void feed_peer_posted(struct nntp_visit *v, char id[300])
{
    const char *p = strstr(v->p->post.data, "Message-ID: "), *end;

    id[0] = '\0';
    if (p == NULL || (end = strchr(p, '\r')) == NULL)
        return;
    snprintf(id, 300, "%.*s", (int)(end - p - 12), p + 12);
}

static inline void feed_peer_post(struct nntp_visit *v)
{
    char id[300];

    visit_say(v, "340 go");
    if (v->over || !feed_peer_read(v))
        return;
    v->p->posted++;
    feed_peer_posted(v, id);
    if (feed_peer_has(feed_peer_of(v), id))
        visit_say(v, "441 435 Duplicate");
    else if (strncmp(id, "<bad", 4) == 0)
        visit_say(v, "441 bad");
    else
        feed_peer_take(v, id, "240 thanks");
}

static inline void feed_peer_stat(struct nntp_visit *v, const char *id)
{
    char line[400];

    snprintf(line, sizeof line, "223 0 %s", id);
    visit_say(v, feed_peer_has(feed_peer_of(v), id) ? line : "430 none");
}

static inline bool feed_peer_more(struct nntp_visit *v, const char *line)
{
    if (visit_is(line, "MODE STREAM"))
        visit_say(v, "203 stream");
    else if (visit_is(line, "CHECK "))
        feed_peer_check(v, line + 6);
    else if (visit_is(line, "TAKETHIS "))
        feed_peer_takethis(v, line + 9);
    else if (visit_is(line, "IHAVE "))
        feed_peer_ihave(v, line + 6);
    else if (visit_is(line, "POST"))
        feed_peer_post(v);
    else if (visit_is(line, "STAT "))
        feed_peer_stat(v, line + 5);
    else
        return false;
    return true;
}

static inline void feed_peer_start(struct feed_peer *f, const char *caps)
{
    *f = (struct feed_peer){0};
    nntp_peer_start(&f->p, caps);
    f->p.answer = feed_peer_more;
    sc_buf_add(&f->have, "\n", 1);
}

static inline void feed_peer_stop(struct feed_peer *f)
{
    nntp_peer_stop(&f->p);
    sc_buf_free(&f->have);
}

#endif
