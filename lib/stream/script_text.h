/* script_text.h - the text of a script as events. */
#ifndef SC_STREAM_SCRIPT_TEXT_H
#define SC_STREAM_SCRIPT_TEXT_H

#include <simpleclient/buf.h>

enum sc_event_kind {
    EVENT_SAY,    /* S: s: */
    EVENT_HEAR,   /* C: c: */
    EVENT_END,    /* S. */
    EVENT_RESET,  /* S! */
    EVENT_SILENT, /* S~ */
    EVENT_HALF,   /* C. */
    EVENT_ANY,    /* C: *** */
    EVENT_LOOSE,  /* C~ */
    EVENT_TLS,    /* T. */
    EVENT_DEFLATE /* D. */
};

struct sc_event {
    enum sc_event_kind kind;
    int line;       /* in the script, from 1 */
    size_t at, len; /* its bytes in script.bytes */
};

struct sc_script {
    struct sc_buf bytes;
    struct sc_buf list;    /* of struct sc_event */
    struct sc_buf numbers; /* of uint64_t: those of the "@" lines */
    size_t connections;    /* in the whole text */
};

/* Take TEXT apart, which has one connection; T., D. and C~ are left out. Returns
 * 0; SC_EINVAL, SC_ENOMEM: ERR names the line, T is empty. */
int sc_script_parse(struct sc_script *t, const char *text,
                    struct sc_error *err);
/* The same for connection WHICH, from 0, of those in TEXT, with all its marks; if
 * there are no more than WHICH it is empty. */
int sc_script_parse_one(struct sc_script *t, const char *text, size_t which,
                        struct sc_error *err);
void sc_script_free(struct sc_script *t);
size_t sc_script_count(const struct sc_script *t);
/* Event I, or NULL: there are no more. Borrowed until T is freed. */
const struct sc_event *sc_script_event(const struct sc_script *t, size_t i);
struct sc_span sc_script_bytes(const struct sc_script *t,
                               const struct sc_event *e);
/* True: the client must do E. */
bool sc_by_client(const struct sc_event *e);
/* How many first bytes of GOT are as E has them from byte AT on. */
size_t sc_script_alike(const struct sc_script *t, const struct sc_event *e,
                       size_t at, struct sc_span got);
/* True: E is heard, of which AT bytes have come and LAST was the last. */
bool sc_script_heard(const struct sc_event *e, size_t at, char last);
/* Quote A and B for people, one after the other, cut to fit. Returns TO. */
enum { SC_SHOWN = 96 };
const char *sc_script_quote(char to[SC_SHOWN], struct sc_span a,
                            struct sc_span b);

#endif
