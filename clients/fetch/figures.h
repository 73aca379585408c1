/* figures.h - what is known of a transfer when it is done. */
#ifndef CLIENTS_FETCH_FIGURES_H
#define CLIENTS_FETCH_FIGURES_H

#include "fetch/transfer.h"

/* Times in microseconds since the transfer began. Strings are borrowed from
 * the transfer, but for URLs and SCHEME. */
struct figures {
    const struct http_reply *reply;
    const char *content_type, *errormsg, *filename, *local_ip, *method;
    const char *referer, *remote_ip, *url, *effective;
    char *redirect_url, *own_url, *own_effective;
    char scheme[16];
    int exitcode, status, http_connect, version, local_port, remote_port;
    int connects, redirects, verify;
    size_t headers;
    unsigned number;
    uint64_t downloaded, uploaded, size_header, size_request;
    uint64_t speed_download, speed_upload;
    int64_t appconnect, connect, namelookup, pretransfer, redirect;
    int64_t starttransfer, total;
};

void take_figures(struct figures *f, const struct transfer *t);
void free_figures(struct figures *f);

#endif
