/* body.h - what one request carries: a file (-T), a form (-F), or data (-d),
 * looked at while it is sent if somebody wants that. */
#ifndef CLIENTS_FETCH_BODY_H
#define CLIENTS_FETCH_BODY_H

#include "fetch/request.h"
#include "fetch/upload.h"
#include "fetch/watch.h"

/* Zero bytes are none. */
struct body {
    struct upload up;
    struct http_form *form;
    struct http_source source;
    char *type;            /* of a form with a Content-Type of the user's */
    struct sc_fields head; /* the group's, changed for this body */
    struct watch watch;
};

/* Give Q, a copy of P's request, the body of -T PATH (NULL: none) or of P's
 * options; nobody waits for it after UNTIL (ms of sc_now()). Returns 0 or an exit code, told unless it is of PATH: 26, or 25 (HTTP/1.0 has no chunks). B is kept
 * until the request is over. */
int body_open(struct body *b, const struct prepared *p, const char *path,
              int64_t until, struct http_request *q);
void body_close(struct body *b);

#endif
