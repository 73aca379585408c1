/* gopher_client.h - what is inside a GopherClient. Private to gopher/, url/ and
 * their tests. */
#ifndef SC_GOPHER_CLIENT_H
#define SC_GOPHER_CLIENT_H

#include <simpleclient/class.h>
#include <simpleclient/gopher.h>

extern const struct client_class gopher_class;

struct GopherClient {
    SimpleClient base;
    bool asked;    /* this connection has had its question */
    bool mid_line; /* of a text */
    bool ended;    /* the answer is over, */
    bool dotted;   /* by a dot alone */
};

/* True where an answer of TYPE is lines with a dot behind them. */
bool gopher_is_text(char type);
/* 1..N bytes of the answer, 0 at its end. Text: lines that begin with two dots
 * lose one; a dot alone is the end if nothing follows, which some servers leave
 * out. Waits. */
ssize_t gopher_read(GopherClient *g, bool text, void *buf, size_t n);

#endif
