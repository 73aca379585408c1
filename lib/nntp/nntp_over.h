/* nntp_over.h - lines of an overview, of LIST and of HDR, out of a dot block that
 * comes cut anywhere. Computes only. Private to nntp/ and its tests. */
#ifndef SC_NNTP_OVER_H
#define SC_NNTP_OVER_H

#include <simpleclient/nntp.h>

/* An sc_sink whose ARG is this: each line, without its end, goes to LINE, lent
 * where it is, copied only where it was cut. Begin with LINE, ARG and zeros; LIMIT
 * 0 is 1 MiB: a longer line is SC_ETOOBIG. */
struct nntp_lines {
    int (*line)(struct nntp_lines *l, struct sc_span text);
    void *arg;
    struct sc_buf hold; /* a line that was cut; its limit is every line's */
    bool cut;           /* within a line */
};
int nntp_lines_sink(void *lines, const void *p, size_t n);
/* The block has ended: SC_ESHORT if it did within a line. Frees HOLD. */
int nntp_lines_end(struct nntp_lines *l);

/* Where the first MOST TABs of LINE are; how many. */
size_t nntp_tabs(struct sc_span line, const char **tabs, size_t most);
/* The same without vector instructions; for tests. */
size_t nntp_tabs_plain(struct sc_span line, const char **tabs, size_t most);

/* The answer to LIST OVERVIEW.FMT: which field stands where. NULL: the seven of
 * RFC 3977 section 8.4.2, and behind them Xref if it says so itself. */
struct nntp_format;
/* TEXT: its lines, LF between. More than the seven, Xref and NNTP_OVER_MORE are
 * left out. The name of other metadata keeps its colon (":hits"). NULL: *RC is
 * SC_ENOMEM, or SC_EPROTO: no line can be a field. */
struct nntp_format *nntp_format_new(struct sc_span text, int *rc);
void nntp_format_free(struct nntp_format *f);

/* One line of OVER or XOVER. Missing fields at the end are empty; a full field
 * loses its name ("Xref: "); bytes and lines that are no number are 0. Of MORE
 * only N_MORE are written. SC_EPROTO: no number in front. */
int nntp_over_parse(const struct nntp_format *f, struct sc_span line,
                    struct nntp_article *out);

/* Digits only, at least one, to 2^63-1: else SC_EPROTO. */
int nntp_number(struct sc_span text, uint64_t *out);
/* All below clear OUT first; SC_EPROTO: the line is none. Words are separated by
 * spaces or TABs. Every form of an empty group is FIRST = LAST + 1. */
/* "211 3 5 9 name" without its code (GROUP, LISTGROUP); old servers leave the
 * name out. */
int nntp_parse_selected(struct sc_span text, struct nntp_group *out);
/* Lines of LIST ACTIVE and NEWGROUPS, ACTIVE.TIMES, NEWSGROUPS, COUNTS. */
int nntp_parse_active(struct sc_span line, struct nntp_group *out);
int nntp_parse_times(struct sc_span line, struct nntp_group *out);
int nntp_parse_newsgroups(struct sc_span line, struct nntp_group *out);
int nntp_parse_counts(struct sc_span line, struct nntp_group *out);
/* "17 value" of HDR and XHDR; the value may be empty. "<id> value", as XHDR says
 * of a message-id, is number 0. */
int nntp_parse_hdr(struct sc_span line, uint64_t *number,
                   struct sc_span *value);
/* "20260131235959" of DATE into seconds since 1970, and back into
 * "20260131 235959" (NEWGROUPS, NEWNEWS). SC_EPROTO: no such time; SC_EINVAL: not
 * in the years 1 to 9999. */
int nntp_parse_date(struct sc_span text, int64_t *out);
int nntp_format_date(char out[24], int64_t when);

#endif
