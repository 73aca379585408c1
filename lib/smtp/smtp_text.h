/* smtp_text.h - the text of a message: read from where it lies, its lines put
 * right, a piece at a time. Private to smtp/. */
#ifndef SC_SMTP_TEXT_H
#define SC_SMTP_TEXT_H

#include <simpleclient/mail.h>

enum {
    SMTP_PIECE = 32768,         /* bytes read at once */
    SMTP_HEAD_MOST = 256 << 10, /* read ahead of a source that cannot rewind */
    SMTP_TEXT_LINE_MOST = 998   /* RFC 5321 section 4.5.3.1.6, without CRLF */
};

/* What a look at all the bytes has shown. */
struct smtp_scan {
    uint64_t size;  /* bytes once lines end in CRLF, the last one too */
    bool whole;     /* false: only the head was seen; SIZE is not known */
    bool clean;     /* every line ends in CRLF already */
    bool high;      /* bytes above 127 */
    bool high_head; /* and some of them in the header */
    bool nul;
};

struct smtp_text {
    const struct mail_source *src;
    bool strict; /* a bare CR or LF, or a long line, is an error */
    bool binary; /* as it is */
    bool seven;  /* a byte above 127 is an error */
    bool clean;  /* as it is: it was looked at before */
    uint64_t at; /* bytes of data or file that were read */
    bool ended;  /* the source has */
    bool past;   /* more of it was read than HEAD has */
    bool cr;     /* the last byte was a CR, and waits for LF */
    bool mid;    /* a line has begun */
    size_t line; /* bytes of it */
    struct sc_buf head;
    size_t head_at; /* bytes of HEAD that were read again */
    char *raw, *out;
    const char *why; /* what was wrong */
};

/* FLAGS: enum smtp_flag. Does not wait. */
void smtp_text_init(struct smtp_text *t, const struct mail_source *src,
                    unsigned flags);
/* Look at all of it, or at the head of a source that cannot rewind. May wait.
 * Returns 0, SC_EINVAL (WHY tells), or the source's error. */
int smtp_text_scan(struct smtp_text *t, struct smtp_scan *scan);
/* Lend the next piece. Returns 1, 0 at the end, SC_EINVAL, SC_ENOTSUP (a byte
 * above 127 where none may be), or the source's error. May wait. */
int smtp_text_next(struct smtp_text *t, struct sc_span *piece);
/* Begin again. SC_ENOTSUP: the source cannot, and more than what was read ahead
 * is gone. */
int smtp_text_rewind(struct smtp_text *t);
bool smtp_text_can_rewind(const struct smtp_text *t);
/* True if nothing follows. May wait. */
bool smtp_text_over(struct smtp_text *t);
void smtp_text_free(struct smtp_text *t);

/* smtp_scan.c: add N more bytes to what is known. LAST: the byte before. */
struct smtp_counts {
    uint64_t bytes, cr, lf, pairs;
    bool high, nul;
    char last;
};
void smtp_count(struct smtp_counts *c, const char *p, size_t n);

#endif
