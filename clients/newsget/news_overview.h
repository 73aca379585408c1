/* news_overview.h - records as lines of text. */
#ifndef CLIENTS_NEWSGET_OVERVIEW_H
#define CLIENTS_NEWSGET_OVERVIEW_H

#include <simpleclient/nntp.h>

/* "number TAB subject TAB from TAB date TAB message-id TAB references TAB bytes
 * TAB lines" on stdout, control bytes as "?". Returns 0, or -1 with errno: stdout
 * cannot be written. */
int print_overview(const struct nntp_article *a);

/* Put a span into a column: TAB (unless it is the first) and it. */
void print_column(bool first, struct sc_span text);

#endif
