/* nntp_send.h - an article before it is sent: its header looked at, its name
 * known. Private to nntp/ and its tests. */
#ifndef SC_NNTP_SEND_H
#define SC_NNTP_SEND_H

#include "nntp/nntp_client.h"

enum { NNTP_HEAD_MOST = 256 << 10 };

struct nntp_draft {
    const struct mail_source *article; /* borrowed */
    char id[NNTP_ID_MOST + 1];
    char made[NNTP_ID_MOST + 16]; /* "Message-ID: ..." to go in front, or "" */
    struct mail_source rest;      /* what is to be sent behind MADE */
    struct sc_buf head;           /* what was read ahead; not of memory */
    bool ended;                   /* and that was all */
    bool past;                    /* more was read than HEAD has */
    uint64_t at;                  /* bytes of HEAD and behind it given */
};

/* Look at the header of ARTICLE: MADE and REST may be sent then. Returns 0,
 * SC_EINVAL (E names what), SC_ENOMEM, or the source's error. May wait.
 * nntp_draft_free in every case. */
int nntp_draft_begin(struct nntp_draft *d, const struct mail_source *article,
                     struct sc_error *e);
/* REST begins again. SC_ENOTSUP: it cannot. */
int nntp_draft_rewind(struct nntp_draft *d);
void nntp_draft_free(struct nntp_draft *d);

#endif
