/* pop3_box.h - what is in a mailbox, and where its messages go. Private to pop3/
 * and its tests. */
#ifndef SC_POP3_BOX_H
#define SC_POP3_BOX_H

#include "mail/mail_store.h"
#include "pop3/pop3_client.h"

enum { POP3_BOX_MOST = 4 << 20, POP3_UIDS_MOST = 400 << 20 };

enum pop3_fate {
    POP3_WANTED,
    POP3_SKIPPED,
    POP3_KNOWN,  /* stored by an earlier run */
    POP3_STORED, /* by this one */
    POP3_FAILED,
    POP3_MARKED /* for deletion: DELE was answered by +OK */
};
struct pop3_item {
    uint64_t size;
    uint32_t number;
    uint32_t uid; /* in UIDS; 0: none */
    unsigned char fate;
};

/* --- pop3_box.c. Zero bytes are an empty one. --- */

struct pop3_box {
    struct pop3_item *item; /* by number */
    size_t n, cap;
    struct sc_buf uids; /* each ends in NUL; the first is "" */
    bool no_uids;       /* UIDL is not asked for; filled in by the caller */
    bool has_uids;
    bool sorted;
    size_t at; /* the item that the next line of UIDL is about, it seems */
    const char *wrong; /* the lists contradict themselves, and so */
};
void pop3_box_free(struct pop3_box *b);
/* LIST and UIDL, in one flight where the server can. SC_EPROTO: a message is
 * named twice; the client is in order or broken. Waits. */
int pop3_box_read(struct pop3_box *b, POP3Client *p);
struct pop3_message pop3_box_message(const struct pop3_box *b,
                                     const struct pop3_item *i);

/* --- pop3_target.c --- */

enum { POP3_HELD_MOST = 16 };

struct pop3_target {
    const struct pop3_fetch *how;
    const char *account;
    bool begun;
    struct mail_store *store; /* NULL: the caller's sink */
    /* Maildir: whole, and not safe yet; each has a file open. */
    struct mail_store *held[POP3_HELD_MOST];
    size_t nheld;
};
/* Exactly one place, and no empty name: 0, or SC_EINVAL. */
int pop3_target_check(const struct pop3_fetch *how);
/* What a file is known by: of ACCOUNT and UID. */
int pop3_mark(const char *account, const char *uid, char mark[33]);
/* Begin, feed, and end by one of end and cut. All wait. Errors are in ERR. After
 * end the message is safe or held; at most POP3_HELD_MOST can be. */
int pop3_target_begin(struct pop3_target *t, const struct pop3_message *m,
                      struct sc_error *err);
int pop3_target_sink(struct pop3_target *t, const void *p, size_t n,
                     struct sc_error *err);
int pop3_target_end(struct pop3_target *t, const struct pop3_message *m,
                    struct sc_error *err);
void pop3_target_cut(struct pop3_target *t, const struct pop3_message *m,
                     int rc);
/* Make safe what is held. Returns how many of the first are; fewer than there
 * were: ERR. Nothing is held then. Waits. */
size_t pop3_target_flush(struct pop3_target *t, struct sc_error *err);

#endif
