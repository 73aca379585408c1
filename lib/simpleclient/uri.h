/* uri.h - URLs as text: parse, resolve, build, query, percent-coding
 * (RFC 3986). No I/O. */
#ifndef SIMPLECLIENT_URI_H
#define SIMPLECLIENT_URI_H

#include <simpleclient/buf.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A URL taken apart. The strings lie in `text`, NUL-terminated, still
 * percent-coded unless said; one that is absent is NULL (path: ""). */
struct uri {
    const char *scheme;   /* lower case */
    const char *user;     /* decoded */
    const char *password; /* decoded */
    const char *host;     /* lower case, ASCII, without [], without zone */
    const char *zone;     /* of a link-local IPv6 address */
    int port;             /* 0..65535, -1: none named */
    bool ip6;             /* the host is an IPv6 literal */
    const char *path;
    const char *query;    /* without '?' */
    const char *fragment; /* without '#' */
    struct sc_buf text;   /* what they point into */
};

enum uri_flag {
    URI_STRICT = 1,   /* RFC 3986 to the letter: no default scheme, nothing
                          is percent-coded for the caller */
    URI_RELATIVE = 2, /* a reference without scheme is accepted */
    URI_LOCATION = 4  /* spaces are percent-coded too (redirects) */
};

/* Parse S, at most LIMIT bytes (0: 8 KiB). White space around it is dropped.
 * DEFAULT_SCHEME (may be NULL) stands in where S has none: "localhost:8080/x"
 * is then a host and a port, "joe:secret@host/x" a login and a host. Control
 * characters, backslashes, a bad port, an empty host of a network scheme:
 * SC_EURL, and E says where. Non-ASCII and
 * "|{}^\"<>`[]" in path, query and fragment are percent-coded unless strict; a
 * host name in UTF-8 becomes what the DNS has ("xn--bcher-kva.example"; UTS 46,
 * non-transitional), or is SC_EURL if it is none or libidn2 is not built in.
 * User and password with CR, LF or NUL after decoding: SC_EURL. Does not
 * wait. Returns 0, SC_EURL or SC_ENOMEM; uri_free in every case. */
SC_API int uri_parse(struct uri *u, const char *s, const char *default_scheme,
                     unsigned flags, size_t limit, struct sc_error *e);

/* Resolve REF against BASE into OUT (RFC 3986 section 5.2). Results as
 * uri_parse. */
SC_API int uri_resolve(struct uri *out, const struct uri *base, const char *ref,
                       unsigned flags, struct sc_error *e);

/* Append the whole URL to OUT, password included. Returns as sc_buf_add. */
SC_API int uri_build(const struct uri *u, struct sc_buf *out);
/* Append "host", "host:port" or "[v6]:port"; the port only if it is named
 * and not DEFAULT_PORT. */
SC_API int uri_build_authority(const struct uri *u, int default_port,
                               struct sc_buf *out);
/* Append path and query as a request target: at least "/". */
SC_API int uri_build_target(const struct uri *u, struct sc_buf *out);

/* The default port of a scheme this library knows, else 0. */
SC_API int uri_default_port(const char *scheme);

/* Percent-decode S and append it. '+' stays. SC_EURL: "%" without two hex
 * digits, or one of the bytes 0x00-0x1f, 0x7f came out and ALLOW_CONTROLS is
 * false. */
SC_API int uri_decode(struct sc_span s, bool allow_controls,
                      struct sc_buf *out);
/* Percent-code everything but unreserved characters and those in KEEP. */
SC_API int uri_encode(struct sc_span s, const char *keep, struct sc_buf *out);

/* Walk "a=b&c": *POS is 0 at first. NAME and VALUE are appended, decoded, '+'
 * as space; returns 1 for a pair, 0 at the end, or SC_EURL, SC_ENOMEM. "c"
 * without "=" has *HAS_VALUE false. */
SC_API int uri_query_next(const char *query, size_t *pos, struct sc_buf *name,
                          struct sc_buf *value, bool *has_value);
/* Append the first value of NAME, decoded, to VALUE. Returns 1, 0: QUERY (may be
 * NULL) has none, or SC_EURL, SC_ENOMEM. */
SC_API int uri_query_get(const char *query, const char *name,
                         struct sc_buf *value);
/* Append "name=value" in form coding, with '&' before it if OUT has text. */
SC_API int uri_query_add(struct sc_buf *out, const char *name,
                         const char *value);
/* Append QUERY (may be NULL) to OUT, which is empty, with NAME's first value
 * replaced and its others dropped; at the end if there was none. VALUE NULL:
 * NAME is dropped. The other pairs stay as they are. Returns 0, SC_EURL or
 * SC_ENOMEM; on an error OUT is as it was. */
SC_API int uri_query_set(const char *query, const char *name, const char *value,
                         struct sc_buf *out);

/* Release the memory; U is empty and reusable. */
SC_API void uri_free(struct uri *u);

#ifdef __cplusplus
}
#endif
#endif
