/* gopher.h - Gopher (RFC 1436, RFC 4266): one selector, one answer, one
 * connection.
 *
 *     GopherClient *c = gopher_open("gopher.example.org", NULL);
 *
 *     if (gopher_menu(c, "", NULL, show, NULL) < 0)
 *         fprintf(stderr, "%s\n", sc_last_error(gopher_base(c))->text);
 *     gopher_close(c);
 */
#ifndef SIMPLECLIENT_GOPHER_H
#define SIMPLECLIENT_GOPHER_H

#include <simpleclient/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A line of a menu. Spans are borrowed until the function that was given it
 * returns. */
struct gopher_item {
    char
        type; /* '0' text, '1' menu, '7' search, '9' binary, 'i' said only ... */
    struct sc_span text, selector, host;
    int port;
    struct sc_span raw;
};
/* Take a line of a menu apart. 'i' and '3' need no selector, host and port.
 * SC_EPROTO: not one. */
SC_API int gopher_parse_item(struct sc_span line, struct gopher_item *out);

typedef struct GopherClient GopherClient;

/* Connect to SERVER ("host[:port]", port 70, or gopher[s]://host[:port]/). Waits.
 * Never NULL (as sc_open). After an answer the server closes; the next call
 * connects again. */
SC_API GopherClient *gopher_open(const char *server,
                                 const struct sc_options *opt);
/* Close (as sc_close): there is no goodbye. NULL is allowed. */
SC_API int gopher_close(GopherClient *c);
/* The SimpleClient it is: for sc_last_error, sc_timeout, sc_trace ... */
SC_API SimpleClient *gopher_base(GopherClient *c);

/* Ask for SELECTOR with SEARCH (NULL: none) behind a tab; CR, LF, NUL or a tab in
 * them is SC_EINVAL, nothing sent. All wait. */
SC_API int gopher_ask(GopherClient *c, const char *selector,
                      const char *search);
/* The answer as a menu: each item to FN, which may not wait. SC_ESHORT: the last
 * dot is missing; items came nevertheless. */
SC_API int gopher_menu(GopherClient *c, const char *selector,
                       const char *search,
                       int (*fn)(void *arg, const struct gopher_item *item),
                       void *arg);
/* The answer as a file of TYPE into SINK. Text ('0' and other lines): dots are
 * unstuffed, a last line of one dot is taken off - not every server sends it, so
 * that its want is no error. Others: bytes, to the connection's end. */
SC_API int gopher_get(GopherClient *c, char type, const char *selector,
                      const char *search, sc_sink sink, void *arg);

#ifdef __cplusplus
}
#endif
#endif
