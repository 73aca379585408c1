/* nginx.h - nginx with a place for each thing that is tested:
 *     /          files: index.html, page.txt (20,000 bytes), big (1 GiB, empty)
 *     /chunked/  the same through SSI: their length is not known beforehand
 *     /gzip/     the same, by gzip for those who want it
 *     /slow/     the same, 64 KiB a second
 *     /staff/    the same, for joe with the password secret
 *     /put/      WebDAV's PUT, DELETE and MKCOL, up to 20 MiB
 *     /staffput/ the same, for joe
 *     /small/    PUT, up to 1 KiB
 *     /what      the method and the length of the request's body
 *     /301 ... /308  redirects to /what; /put307 to /put/moved
 *     /down      a redirect to plain http
 *     /busy/     the same files, once a second, else 429 and Retry-After: 1
 *     /204, /410, /500 such answers
 * plain and by TLS, on a Unix socket, with two kinds of impatience. */
#ifndef TESTS_SERVERS_NGINX_H
#define TESTS_SERVERS_NGINX_H

#include "../certs.h"
#include "server.h"

enum nginx_site {
    PLAIN,
    TLS,
    TLS_WRONG,   /* a certificate for another name */
    TLS_EXPIRED, /* one of yesterday */
    TLS_CLIENT,  /* wants a certificate of the client's */
    KEEP_THREE,  /* three requests on a connection */
    KEEP_SHORT,  /* a connection may be idle for 1/20 second */
    SITES
};

struct nginx {
    struct server at;
    struct certs certs;
    int port[SITES];
    bool alone; /* one process: killing it kills all of it */
};

static inline void nginx_places(FILE *f, const struct nginx *n)
{
    const char *d = n->at.dir;

    fprintf(f, "root %s/root; error_page 404 /missing.html;\n", d);
    fprintf(f, "location /chunked/ { ssi on; ssi_types *; alias %s/root/; }\n",
            d);
    fprintf(f,
            "location /gzip/ { gzip on; gzip_types *; gzip_min_length 0;"
            " alias %s/root/; }\n",
            d);
    fprintf(f, "location /slow/ { limit_rate 64k; alias %s/root/; }\n", d);
    fprintf(f,
            "location /staff/ { auth_basic \"staff only\";"
            " auth_basic_user_file %s/htpasswd; alias %s/root/; }\n",
            d, d);
    fprintf(f,
            "location /put/ { dav_methods PUT DELETE MKCOL;"
            " client_max_body_size 20m; alias %s/put/; }\n",
            d);
    fprintf(f,
            "location /staffput/ { auth_basic \"staff only\";"
            " auth_basic_user_file %s/htpasswd; dav_methods PUT;"
            " client_max_body_size 20m; alias %s/put/; }\n",
            d, d);
    fprintf(f,
            "location /small/ { dav_methods PUT;"
            " client_max_body_size 1k; alias %s/put/; }\n",
            d);
    fprintf(f, "location = /what {"
               " return 200 \"$request_method $content_length\"; }\n");
    for (int code = 301; code <= 308; code++)
        if (code <= 303 || code >= 307)
            fprintf(f, "location = /%d { return %d /what; }\n", code, code);
    fprintf(f, "location = /put307 { client_max_body_size 20m; return 307 "
               "/put/moved; }\n");
    fprintf(f, "location = /down { return 302 http://localhost:%d/what; }\n",
            n->port[PLAIN]);
    fprintf(f,
            "location /busy/ { limit_req zone=busy; limit_req_status 429;"
            " add_header Retry-After 1 always;"
            " alias %s/root/; }\n",
            d);
    fprintf(f, "location = /204 { return 204; }\n");
    fprintf(f, "location = /410 { return 410 \"gone for good\"; }\n");
    fprintf(f, "location = /500 { return 500; }\n");
}

static inline void nginx_site(FILE *f, const struct nginx *n, int site,
                              const char *cert, const char *more)
{
    fprintf(f, "server {\nlisten 127.0.0.1:%d%s; %s\n", n->port[site],
            cert != NULL ? " ssl" : "", more);
    if (cert != NULL)
        fprintf(f, "ssl_certificate %s; ssl_certificate_key %s;\n", cert, cert);
    nginx_places(f, n);
    fprintf(f, "}\n");
}

static inline int nginx_sites(FILE *f, const struct nginx *n)
{
    char more[200];

    snprintf(more, sizeof more, "listen unix:%s/sock;", n->at.dir);
    nginx_site(f, n, PLAIN, NULL, more);
    nginx_site(f, n, TLS, n->certs.good, "");
    nginx_site(f, n, TLS_WRONG, n->certs.wrong, "");
    nginx_site(f, n, TLS_EXPIRED, n->certs.expired, "");
    snprintf(more, sizeof more,
             "ssl_verify_client on; ssl_client_certificate %s;", n->certs.ca);
    nginx_site(f, n, TLS_CLIENT, n->certs.good, more);
    nginx_site(f, n, KEEP_THREE, NULL, "keepalive_requests 3;");
    nginx_site(f, n, KEEP_SHORT, NULL, "keepalive_timeout 50ms;");
    fprintf(f, "}\n");
    return fclose(f);
}

static inline int nginx_configure(const struct nginx *n)
{
    FILE *f = fopen(server_path(&n->at, "conf"), "w");
    const char *d = n->at.dir;

    if (f == NULL)
        return -1;
    fprintf(f, "daemon off; master_process %s; worker_processes 1;\n",
            n->alone ? "off" : "on");
    fprintf(f, "pid %s/pid; error_log %s/error notice;\n", d, d);
    fprintf(f, "events { worker_connections 1000; }\nhttp {\n");
    /* What the server saw, once for each request, and on which connection. */
    fprintf(f,
            "log_format seen '$connection $connection_requests $status"
            " $request';\naccess_log %s/access seen;\n",
            d);
    fprintf(f, "client_body_temp_path %s/tmp; proxy_temp_path %s/tmp2;\n", d,
            d);
    fprintf(f,
            "fastcgi_temp_path %s/tmp3; uwsgi_temp_path %s/tmp4;"
            " scgi_temp_path %s/tmp5;\n",
            d, d, d);
    fprintf(f, "limit_req_zone $server_addr zone=busy:1m rate=60r/m;\n");
    fprintf(f, "sendfile on; default_type text/plain;\n"
               "types { text/html html; }\n");
    return nginx_sites(f, n);
}

static inline int nginx_files(const struct nginx *n)
{
    const struct server *s = &n->at;
    struct sc_buf page = SC_BUF(100000);
    FILE *f;

    for (int i = 0; page.len < 20000; i++)
        sc_buf_addf(&page, "line %d\n", i);
    page.len = 20000;
    if (server_mkdir(s, "root") < 0 || server_mkdir(s, "put") < 0 ||
        server_write_n(s, "root/page.txt", page.data, page.len) < 0 ||
        server_write(s, "root/index.html", "Hello from nginx.\n") < 0 ||
        server_write(s, "root/missing.html", "Not here.\n") < 0 ||
        server_write(s, "htpasswd", "joe:{PLAIN}secret\n") < 0)
        return -1;
    sc_buf_free(&page);
    if ((f = fopen(server_path(s, "root/big"), "w")) == NULL)
        return -1;
    return ftruncate(fileno(f), 1L << 30) < 0 || fclose(f) != 0 ? -1 : 0;
}

static inline int nginx_launch(struct nginx *n)
{
    char conf[128], error[128];

    snprintf(conf, sizeof conf, "%s/conf", n->at.dir);
    snprintf(error, sizeof error, "%s/error", n->at.dir);
    unlink(server_path(&n->at, "sock")); /* of one that was killed */
    if (server_spawn(&n->at,
                     (const char *const[]){"nginx", "-c", conf, "-p", n->at.dir,
                                           "-e", error, NULL}) < 0)
        return -1;
    return server_wait(&n->at, n->port[PLAIN]);
}

/* Another process may take a port before nginx does. */
static inline int nginx_start(struct nginx *n)
{
    int rc = -1;

    if (certs_make(&n->certs) < 0 || server_make_dir(&n->at) < 0 ||
        nginx_files(n) < 0)
        return -1;
    for (int i = 0; i < 3 && rc < 0; i++) {
        if (server_free_ports(n->port, SITES) < 0 || nginx_configure(n) < 0)
            return -1;
        if ((rc = nginx_launch(n)) < 0)
            server_end(&n->at, SIGKILL);
    }
    return rc;
}

static inline int nginx_stop(struct nginx *n)
{
    server_end(&n->at, SIGTERM);
    server_remove_dir(&n->at);
    certs_remove(&n->certs);
    return 0;
}

/* The URL of PATH; kept for the next three calls. */
static inline const char *nginx_url(const struct nginx *n, int site,
                                    const char *path)
{
    static char url[4][160];
    static int next;

    next = (next + 1) % 4;
    snprintf(url[next], sizeof url[next], "http%s://localhost:%d%s",
             site >= TLS && site <= TLS_CLIENT ? "s" : "", n->port[site], path);
    return url[next];
}

#endif
