/* news_lines.h - lines as files have them: CR LF becomes LF; in an mbox (mboxrd)
 * lines that begin with "From ", or that behind ">"s, get another ">". */
#ifndef CLIENTS_NEWSGET_LINES_H
#define CLIENTS_NEWSGET_LINES_H

#include <simpleclient/buf.h>

/* Zero bytes and START true: the beginning of a text. */
struct lines {
    bool quoted; /* "From " is */
    bool start;  /* of a line, but for ">"s and MATCHED bytes of "From " */
    size_t matched;
    bool cr; /* is held back */
};

/* Give N bytes more, at most 4096, to OUT, which has room for LINES_ROOM. Returns
 * how many bytes came out. */
enum { LINES_PIECE = 4096, LINES_ROOM = 2 * LINES_PIECE + 16 };
size_t lines_add(struct lines *l, const char *p, size_t n, char *out);
/* The text ends: what was held back. */
size_t lines_end(struct lines *l, char *out);

#endif
