/* http_form.h - forms as bodies: multipart/form-data (RFC 7578), streamed from
 * files with its length known beforehand. (The urlencoded kind is made with
 * uri_query_add, uri.h, and sent with http_post.)
 *
 *     struct http_form *f = http_form_new();
 *     struct http_source body;
 *     struct http_request q = {.url = url, .source = &body};
 *
 *     http_form_add(f, &(struct http_part){.name = "who", .text = "joe"});
 *     http_form_add(f, &(struct http_part){.name = "pic", .path = "a.png"});
 *     if (http_form_source(f, &body, &reply.error) == 0)
 *         http_request(&q, &reply);
 *     http_form_free(f);
 */
#ifndef SIMPLECLIENT_HTTP_FORM_H
#define SIMPLECLIENT_HTTP_FORM_H

#include <simpleclient/field.h>
#include <simpleclient/http.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One part. Exactly one of TEXT, BYTES and PATH says what is in it. */
struct http_part {
    const char *name;
    const char *text;
    struct sc_span bytes;
    const char *path;     /* a file, read while it is sent; "-" is stdin, which
                             is read into memory (64 MiB) when it is added, as
                             is a FIFO */
    const char *filename; /* NULL: PATH's last part for PATH, else none */
    const char *type;     /* NULL: none for text; for PATH by the end of
                             FILENAME, or of its own name */
    const struct sc_fields *head; /* more fields of this part, or NULL */
};

/* An empty form, or NULL: no memory. Owned. */
struct http_form;
SC_API struct http_form *http_form_new(void);
SC_API void http_form_free(struct http_form *f);
/* Add a part; strings and bytes are copied. A quote, CR or LF in names is
 * percent-coded, as browsers do (WHATWG). SC_EINVAL: no name, or bad fields;
 * minus errno: no such file; SC_ETIMEDOUT: a FIFO or stdin brought nothing for
 * 30 s; SC_ECANCELED; SC_ENOMEM. Waits for those two. A failure is remembered:
 * http_form_source returns it. */
SC_API int http_form_add(struct http_form *f, const struct http_part *part);
/* The form as a body, with length, Content-Type and rewind. F is borrowed until
 * the request is over. Opens nothing yet. A file that changes its length
 * meanwhile is an error (SC_ESHORT), never a wrong body. */
SC_API int http_form_source(struct http_form *f, struct http_source *out,
                            struct sc_error *err);

#ifdef __cplusplus
}
#endif
#endif
