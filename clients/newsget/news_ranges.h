/* news_ranges.h - sets of article numbers, as "1-100,105". */
#ifndef CLIENTS_NEWSGET_RANGES_H
#define CLIENTS_NEWSGET_RANGES_H

#include <stdint.h>

#include <simpleclient/buf.h>

/* FIRST to LAST, both in it. */
struct range {
    uint64_t first, last;
};

/* In order, none touching the next. Zero bytes are an empty one. */
struct ranges {
    struct range *at;
    size_t n, room;
};

/* Returns 0, or -1: no memory. */
int ranges_add(struct ranges *r, uint64_t first, uint64_t last);
int ranges_add_all(struct ranges *r, const struct ranges *more);
/* The greatest; 0: there is none. */
uint64_t ranges_last(const struct ranges *r);
bool ranges_have(const struct ranges *r, uint64_t n);
/* The first numbers from FROM on that are not in it; *LAST 0: without end. */
void ranges_gap(const struct ranges *r, uint64_t from, uint64_t *first,
                uint64_t *last);
/* Add those of TEXT. Returns 0; -1: no memory; 1: no such text. */
int ranges_parse(struct ranges *r, struct sc_span text);
/* Returns as sc_buf_add. */
int ranges_print(const struct ranges *r, struct sc_buf *out);
void ranges_free(struct ranges *r);

#endif
