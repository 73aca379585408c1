/* field.h - header fields: "Name: value" lines, as in HTTP, mail and news
 * (RFC 5322 section 2.2, RFC 9112 section 5). */
#ifndef SIMPLECLIENT_FIELD_H
#define SIMPLECLIENT_FIELD_H

#include <simpleclient/buf.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One field; both spans are borrowed from the struct sc_fields. The value
 * has no white space at its ends; folded lines are joined by one space. */
struct sc_field {
    struct sc_span name;
    struct sc_span value;
};

/* Owned fields in the order they came. Zero bytes are none. Names and values
 * are NUL-terminated in memory, and hold no NUL of their own. */
struct sc_fields {
    struct sc_field *at;
    size_t n;
    size_t cap;
    struct sc_buf text; /* what the spans point into */
};

/* Append one field. Returns 0, SC_EINVAL (empty name, or a character in NAME
 * that is no token; CR, LF or NUL in VALUE), SC_ETOOBIG or SC_ENOMEM. */
SC_API int sc_fields_add(struct sc_fields *f, struct sc_span name,
                         struct sc_span value);

/* The first value of NAME (ASCII case ignored), borrowed until F changes,
 * NUL-terminated; OTHERWISE when there is none. */
SC_API const char *sc_fields_get(const struct sc_fields *f, const char *name,
                                 const char *otherwise);

/* How many fields are called NAME. */
SC_API size_t sc_fields_count(const struct sc_fields *f, const char *name);

/* Release the memory; F is empty and reusable. */
SC_API void sc_fields_free(struct sc_fields *f);

#ifdef __cplusplus
}
#endif
#endif
