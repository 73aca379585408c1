/* pop3_state.h - which messages of a mailbox are safe already. Private to pop3/
 * and its tests. */
#ifndef SC_POP3_STATE_H
#define SC_POP3_STATE_H

#include <simpleclient/buf.h>

/* --- pop3_set.c: words, and how often each is in it --- */

struct pop3_word {
    uint32_t at;     /* in WORDS */
    uint32_t stored; /* copies in the set */
    uint32_t taken;  /* of those, found by pop3_set_take */
    uint32_t marked; /* of those, to be deleted again */
};
/* Zero bytes are an empty one. */
struct pop3_set {
    struct sc_buf words; /* each ends in NUL */
    struct pop3_word *word;
    size_t n, cap;
    uint32_t *table; /* index + 1 of each word; open addressing */
    size_t slots;
    uint64_t seed; /* the server chooses the words, not where they lie */
};
void pop3_set_free(struct pop3_set *s);
/* Add a copy of W. NULL: SC_ENOMEM or SC_ETOOBIG in *RC. */
struct pop3_word *pop3_set_add(struct pop3_set *s, const char *w, int *rc);
struct pop3_word *pop3_set_find(const struct pop3_set *s, const char *w);
/* True if there is a copy of W that was not taken yet; it is now. */
bool pop3_set_take(struct pop3_set *s, const char *w);

/* --- pop3_state.c: the file ---
 *
 *     pop3 state 1 joe@mail.example.org
 *     < 1764000000                 a run began, and has not ended in order
 *     + 0000000d4a1b2c3d           stored
 *     - 0000000e4a1b2c3d           stored, and to be deleted again */

struct pop3_state;
/* Lock and read the file PATH of ACCOUNT; it need not be there. Waits. NULL: ERR
 * has SC_EBUSY (another run), SC_EINVAL (another account's), SC_EPROTO (not such
 * a file) or minus errno. Owned. */
struct pop3_state *pop3_state_open(const char *path, const char *account,
                                   struct sc_error *err);
/* When the run began that has not ended in order, in seconds since 1970; -1:
 * all have. */
int64_t pop3_state_since(const struct pop3_state *s);
/* One message of the mailbox has UID: was it stored? Called once for each. */
bool pop3_state_knows(struct pop3_state *s, const char *uid);
/* The list is complete: what it does not name is forgotten. The file says that a
 * run has begun. Waits. Returns 0 or minus errno. */
int pop3_state_begin(struct pop3_state *s, struct sc_error *err);
/* A message that was not known is stored: added to the file at once. Before
 * pop3_state_begin it is written by that. */
int pop3_state_stored(struct pop3_state *s, const char *uid,
                      struct sc_error *err);
/* One that is stored is to be deleted; is gone. */
void pop3_state_mark(struct pop3_state *s, const char *uid);
void pop3_state_gone(struct pop3_state *s, const char *uid);
/* Write what is known, in order. Waits. */
int pop3_state_end(struct pop3_state *s, struct sc_error *err);
/* Unlock and free. NULL is allowed. */
void pop3_state_close(struct pop3_state *s);

#endif
