/* http_hops.h - what each request of a call met on its way. */
#ifndef SC_HTTP_HOPS_H
#define SC_HTTP_HOPS_H

#include "http/http_call.h"

/* Add an empty hop to REPLY. Returns it, borrowed until the next is added, or
 * NULL: no memory. Of more than 1,000 the first and the latest are kept. */
struct http_hop *http_hops_add(struct http_reply *reply);
/* Forget all; memory of the list is kept, or released. */
void http_hops_reset(struct http_reply *reply);
void http_hops_free(struct http_reply *reply);

/* Who is at the other end of a connection: asked once, kept with it. */
struct http_wire {
    int of; /* which connection of the client: sc_conn.connects */
    struct sc_peer peer, local;
    bool tls;
    struct sc_tls_info info;
};

/* Begin the hop to K's URL. Returns 0 or SC_ENOMEM, told. */
int http_hop_begin(struct http_call *k);
/* H is connected, or not: note who is there. */
void http_hop_connected(struct http_call *k, HTTPClient *h);
/* The hop ended with RC; BEFORE: how many connections H had opened before. */
void http_hop_end(struct http_call *k, HTTPClient *h, int before, int rc);

#endif
