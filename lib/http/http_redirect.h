/* http_redirect.h - redirects (RFC 9110 section 15.4): which answers are some,
 * where they lead, and what may go there. */
#ifndef SC_HTTP_REDIRECT_H
#define SC_HTTP_REDIRECT_H

#include "http/http_call.h"

enum { HTTP_REDIRECTS = 20 };

/* True if the head in K's reply is a redirect that the caller wants to be
 * followed. */
bool http_redirect_wanted(const struct http_call *k);
/* Make where it leads the next hop. Returns 0, or, told in the reply with the
 * redirect's status: SC_ETOOBIG, too many; SC_EURL, a bad Location; SC_EACCES,
 * a scheme that is not allowed, or from https to http; SC_ENOMEM. */
int http_redirect_follow(struct http_call *k);
/* The method that follows METHOD after STATUS; *DROP: without its body. */
const char *http_redirect_method(int status, const char *method, unsigned flags,
                                 bool *drop);

#endif
