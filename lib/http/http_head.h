/* http_head.h - the head of an answer, line by line: status line, fields, and
 * what they say about the body and the connection. */
#ifndef SC_HTTP_HEAD_H
#define SC_HTTP_HEAD_H

#include <simpleclient/field.h>

/* What the lines of one head have said so far. Zero bytes: nothing. */
struct http_head {
    int version;           /* 10 or 11 */
    int status;            /* 100..999 */
    struct sc_span reason; /* borrowed as the status line is */
    size_t bytes;          /* of all lines, their ends counted as two */
    uint64_t length;       /* Content-Length */
    bool has_length;
    int codings;           /* Transfer-Encoding fields seen */
    bool chunked;          /* the only coding is "chunked" */
    bool close;            /* Connection has "close" ... */
    bool keep_alive;       /* ... or "keep-alive" */
    bool framing_last;     /* the last field may not be folded */
    bool skipped;          /* the last line was none: nor are its folds */
    unsigned notes;        /* enum http_note */
    int64_t retry_after_s; /* Retry-After, from now; or -1 */
    const char *why;       /* after SC_EPROTO, SC_ETOOBIG: what is wrong */

    bool lenient;           /* set by the caller: lines that are no fields are
                               skipped */
    struct sc_buf *content; /* kept: where Content-Encoding goes, or NULL */
};

/* How a body ends. RFC 9112 section 6.3. */
enum http_framing { HTTP_NO_BODY, HTTP_LENGTH, HTTP_CHUNKED, HTTP_TO_END };
/* What was asked, where that decides how the answer ends. */
enum http_asked { HTTP_ASKED_OTHER, HTTP_ASKED_HEAD, HTTP_ASKED_CONNECT };

/* Take the status line; what was known of another head is forgotten. RFC 9112
 * section 4. SC_EPROTO. */
int http_head_status(struct http_head *h, struct sc_span line);
/* Take one field line or folded line and add it to F. At most MAX_BYTES of
 * head and MAX_FIELDS: SC_ETOOBIG. SC_EPROTO, SC_ENOMEM. RFC 9112 section 5. */
int http_head_field(struct http_head *h, struct sc_span line, size_t max_bytes,
                    int max_fields, struct sc_fields *f);
/* How the body of the answer to a request ends. *KEEP: the connection may be
 * used again after it (RFC 9112 section 9.3). Returns an enum http_framing or
 * SC_EPROTO. */
int http_head_framing(struct http_head *h, enum http_asked asked, bool *keep);
/* Cut the next element off a comma-separated LIST; false when none is left. */
bool http_next_element(struct sc_span *list, struct sc_span *element);

#endif
