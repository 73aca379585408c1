/* scan.h - where a line begins with a dot. */
#ifndef SC_CLIENT_SCAN_H
#define SC_CLIENT_SCAN_H

/* The first LF in P..END that a '.' follows (before END), or NULL. */
const char *sc_scan_dot(const char *p, const char *end);
/* The same without vector instructions; for tests. */
const char *sc_scan_dot_plain(const char *p, const char *end);

#endif
