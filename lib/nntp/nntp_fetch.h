/* nntp_fetch.h - what the files of nntp_fetch share. Private to nntp/ and its
 * tests.
 *
 *     nntp_fetch.c         the call: one server after another
 *     nntp_fetch_url.c     what a URL asks for
 *     nntp_fetch_work.c    the articles that are still to be asked for
 *     nntp_fetch_link.c    a connection: opened, used, opened again
 *     nntp_fetch_list.c    what a range has: LISTGROUP, or OVER itself
 *     nntp_fetch_flight.c  an article under way
 */
#ifndef SC_NNTP_FETCH_H
#define SC_NNTP_FETCH_H

#include "nntp/nntp_client.h"

enum {
    NNTP_WINDOW = 256,       /* commands in flight on one connection */
    NNTP_WINDOW_SHARED = 32, /* of several: what is slow shall hold few */
    NNTP_WINDOW_LEAST = 4,
    NNTP_CONNECTIONS_MOST = 500,
    NNTP_TRIES = 3,    /* connections in turn that brought nothing */
    NNTP_REFUSALS = 6, /* 400 and 502 in turn, where nobody else goes on */
    NNTP_PAUSE_MOST = 30000
};
/* The first pause, in milliseconds: 500. Only tests make it shorter. */
extern int64_t nntp_fetch_pause_ms;

/* --- nntp_fetch_url.c --- */

struct nntp_target {
    struct sc_buf group;  /* empty: none */
    uint64_t first, last; /* FIRST 0: all; LAST 0: without end */
};
/* Returns 0, SC_EURL or SC_ENOMEM; sc_buf_free(&t->group) in every case. */
int nntp_target_of(struct nntp_target *t, const char *url, struct sc_error *e);

/* --- nntp_fetch_work.c --- */

/* An article that is wanted. */
struct nntp_want {
    uint64_t number; /* 0: by message-id */
    size_t index;
    size_t id;   /* where its message-id is kept, and 1; 0: it is not */
    bool look;   /* the overview is asked for its message-id first */
    bool unsure; /* a server could not be asked */
};

/* Numbers FIRST to FIRST + N - 1. */
struct nntp_run {
    uint64_t first, n;
};

/* Zero bytes are an empty one; LIMIT of each buffer is 64 MiB. */
struct nntp_work {
    const char *const *ids; /* borrowed, or NULL */
    size_t n_ids;
    struct sc_buf runs;    /* struct nntp_run */
    size_t run;            /* the one that is taken from */
    struct sc_buf missed;  /* struct nntp_want: what the server before lacked */
    size_t done;           /* of MISSED */
    struct sc_buf lacking; /* what this one lacks */
    struct sc_buf names;   /* message-ids, each ended by NUL */
    struct nntp_want *again; /* given back, the first one last */
    size_t n_again;
    size_t index;   /* so many of IDS and RUNS were taken */
    uint64_t fresh; /* so many of IDS, RUNS and MISSED were not */
    size_t out;     /* taken, and not settled */
};
/* So many may be out at once. */
int nntp_work_reserve(struct nntp_work *w, size_t out);
void nntp_work_free(struct nntp_work *w);
/* One more number. Returns 0, SC_ENOMEM or SC_ETOOBIG. */
int nntp_work_add(struct nntp_work *w, uint64_t first, uint64_t n);
void nntp_work_clear(struct nntp_work *w);
static inline uint64_t nntp_work_left(const struct nntp_work *w)
{
    return w->fresh + w->n_again;
}
/* The next one goes out. False: there is none. */
bool nntp_work_take(struct nntp_work *w, struct nntp_want *out);
/* It comes back, to be asked for before those behind it. */
void nntp_work_give_back(struct nntp_work *w, const struct nntp_want *x);
/* It is settled: the next server is to be asked. ID (NULL: it is kept already)
 * is copied. Returns 0, SC_ENOMEM or SC_ETOOBIG. */
int nntp_work_lacks(struct nntp_work *w, const struct nntp_want *x,
                    const char *id);
/* What was lacking is wanted now. */
void nntp_work_turn(struct nntp_work *w);
/* Its message-id, or "". Borrowed until one is kept. */
const char *nntp_work_id(const struct nntp_work *w, const struct nntp_want *x);

/* --- nntp_fetch.c --- */

struct nntp_link;

struct nntp_fetching {
    const struct nntp_fetch *how;
    struct nntp_result *r;
    struct nntp_target to;
    struct sc_options opt; /* of this server; strings are the caller's */
    int64_t until;         /* total_ms' end, or INT64_MAX */
    const char *url;       /* of this server */
    size_t server, servers;
    struct nntp_work work;
    int code; /* of what is asked for: 220, 221, 222, 224 */

    int connections; /* at most */
    struct sc_group *group;
    struct nntp_link **link; /* CONNECTIONS of them */
    int links, living;
    bool accepted;  /* this server has taken a connection */
    bool listed;    /* what the range has is known */
    bool named;     /* by LISTGROUP: they should be there */
    bool stop;      /* nothing more is asked for */
    bool done;      /* there is nothing more */
    bool passed_by; /* this server cannot be asked */

    uint64_t over_next;   /* the overview's next line is not before it */
    bool disordered;      /* but it was */
    struct sc_error down; /* why a later server could not be */
    struct sc_error none; /* about the first article that nobody had */
};

/* The first error is kept. Returns RC. */
int nntp_fetch_note(struct nntp_fetching *f, int rc, const struct sc_error *e);
/* The same, and all ends. */
int nntp_fetch_stop(struct nntp_fetching *f, int rc, const struct sc_error *e);
/* After a function of the caller's returned RC. */
int nntp_fetch_stopped_by(struct nntp_fetching *f, int rc);
/* Settle X: nobody has it. E: what the server said. */
void nntp_fetch_missing(struct nntp_fetching *f, const struct nntp_want *x,
                        const struct nntp_item *item, const struct sc_error *e);
static inline bool nntp_fetch_is_over(const struct nntp_fetching *f)
{
    return f->how->what == NNTP_OVER;
}
static inline bool nntp_fetch_has_range(const struct nntp_fetching *f)
{
    return f->work.ids == NULL && f->server == 0;
}

/* --- nntp_fetch_flight.c --- */

struct nntp_flight {
    struct nntp_link *link;
    size_t seq; /* so many were asked for before */
    struct nntp_want want;
    struct nntp_item item;
    bool begun;
    bool found;              /* a line of its overview has come */
    struct nntp_lines lines; /* of that */
    struct sc_answer answer;
    char id[NNTP_ID_MOST + 1];
};

/* Ask for what is left, as much as the window takes, until nothing is, or the
 * connection is broken, or a login is wanted; all that was asked is settled
 * then. Returns 0 or what broke it. Waits. */
int nntp_flights(struct nntp_link *l);

/* --- nntp_fetch_link.c --- */

/* One connection. */
struct nntp_link {
    struct nntp_fetching *f;
    NNTPClient *n;
    int64_t task;  /* 0: none, or not begun */
    bool leaving;  /* QUIT is being said */
    bool progress; /* something came by this connection */
    int tries;     /* connections before it that brought nothing */
    int locked;    /* 480 or 483 was said */
    int unlocked;  /* and answered, once */
    bool gone;     /* 400 or 502 was */
    struct sc_error error;
    int window;
    size_t asked, settled;
    struct nntp_flight *flight; /* numbers SETTLED..ASKED, modulo WINDOW */
};
/* Fetch what is left from f->url, by as many connections as there may be. What
 * ends it is noted in F. Waits. */
void nntp_links_run(struct nntp_fetching *f);
/* Cancel the others' waits: all of them, or those who have nothing to do. */
void nntp_links_cancel(struct nntp_fetching *f, bool all);

/* --- nntp_fetch_list.c --- */

/* Select the group of the range. */
int nntp_fetch_select(struct nntp_link *l);
/* What the range has is known then. */
int nntp_fetch_list(struct nntp_link *l);
/* The overview of the range, from where it was cut before. */
int nntp_fetch_over(struct nntp_link *l);

#endif
