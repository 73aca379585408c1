/* http_pull.h - an answer whose body is read by the caller, piece by piece. */
#ifndef SC_HTTP_PULL_H
#define SC_HTTP_PULL_H

#include <simpleclient/httplib.h>

/* http_request up to the body of the last answer: its redirects and logins are
 * behind it, REPLY has the head, and http_getfile(*H) is the body. Waits. Returns
 * as http_request; then *H is NULL. Else http_pull_end in every case. */
int http_pull(const struct http_request *q, struct http_reply *reply,
              HTTPClient **h);
/* The body was read, or nobody wants the rest: H goes to the pool if it can. Does
 * not wait. NULL is allowed. */
void http_pull_end(HTTPClient *h);

#endif
