/* gopher_client.h - what is inside a GopherClient. Private to gopher/, url/ and
 * their tests. */
#ifndef SC_GOPHER_CLIENT_H
#define SC_GOPHER_CLIENT_H

#include <simpleclient/class.h>
#include <simpleclient/gopher.h>

extern const struct client_class gopher_class;

/* How an answer is taken: as it is; as lines, of which those that begin with two
 * dots lose one, and a dot alone at the end goes; or as lines up to that dot. */
enum gopher_form { GOPHER_BYTES, GOPHER_TEXT, GOPHER_MENU };

/* Lines that come in pieces. Zero bytes: the beginning. */
struct gopher_lines {
    bool menu;
    bool mid_line;
    bool ended, dotted; /* by a dot alone */
    unsigned char nheld;
    char held[3]; /* what may be that dot and its line end */
};

struct GopherClient {
    SimpleClient base;
    bool asked; /* this connection has had its question */
    bool ended; /* the answer is over */
    struct gopher_lines lines;
    unsigned char nspill, spill_at;
    char spill[6]; /* what did not fit */
};

enum gopher_form gopher_form_of(char type);
/* Take N bytes at IN, put at most N + 3 at OUT, which is IN - 3 or elsewhere.
 * Returns how many. N 0: the end; what is held comes, unless it is the dot. */
size_t gopher_undot(struct gopher_lines *l, char *out, const char *in,
                    size_t n);
/* 1..N bytes of the answer, 0 at its end. The dot may be missing: some servers
 * leave it out (LINES.DOTTED tells). Waits. */
ssize_t gopher_read(GopherClient *g, enum gopher_form form, void *buf,
                    size_t n);

#endif
