/* replay.c - serve what --record wrote: a server that says what the real one
 * said, and tells where the client says something else. */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simpleclient/script.h>
#include <simpleclient/task.h>

#include "term/complain.h"
#include "term/option_rows.h"
#include "term/seconds.h"
#include "term/shown.h"
#include "term/standard.h"
#include "term/usage.h"

const char program_name[] = "replay";

enum { RECORDING_MOST = 256 << 20, DEFAULT_MS = 60000, DIFFERS = 1 };

struct replay {
    const char *path;
    int port, timeout_ms;
    bool once, help, version;
    struct sc_tls_options tls;
    struct sc_buf text;
    int connections;
    struct sc_group *group;
    bool failed;
};

/* --- the command line --- */

static int set_port(void *at, const struct option_row *row, char *text)
{
    int port = 0;
    const char *p = text;

    (void)row;
    for (; *p >= '0' && *p <= '9' && port <= 65535; p++)
        port = port * 10 + (*p - '0');
    if (p == text || *p != '\0' || port < 1 || port > 65535)
        return wrong_use("--port %s: not a port", text);
    *(int *)at = port;
    return -1;
}

static int set_timeout(void *at, const struct option_row *row, char *text)
{
    int ms = read_seconds(text);

    (void)row;
    if (ms < 0)
        return wrong_use("--timeout %s: not a time in seconds", text);
    *(int *)at = ms;
    return -1;
}

#define AT(field) offsetof(struct replay, field)

static const struct option_row rows[] = {
    {"port", 'p', set_port, AT(port), 0, "PORT",
     "listen there; without it on a free port"},
    {"once", 0, set_bool, AT(once), 0, NULL,
     "end when each connection was played once"},
    {"cert", 0, set_string, AT(tls.cert), 0, "FILE",
     "certificate (PEM) for what was recorded inside TLS"},
    {"key", 0, set_string, AT(tls.key), 0, "FILE", "its key"},
    {"timeout", 0, set_timeout, AT(timeout_ms), 0, "SEC",
     "for one connection; with --once, to wait for it, too (60)"},
    {"help", 'h', set_bool, AT(help), 0, NULL, "this"},
    {"version", 'V', set_bool, AT(version), 0, NULL, "versions"},
};

static int read_words(struct replay *r, int argc, char **argv)
{
    struct option_part part = {rows, sizeof rows / sizeof rows[0], r};
    int rc = read_options(&part, 1, argc, argv);

    if (rc >= 0 || r->help || r->version)
        return rc;
    if (argc - optind != 1)
        return wrong_use(argc == optind ? "no FILE" : "more than one FILE");
    r->path = argv[optind];
    return -1;
}

static int print_help(struct replay *r)
{
    struct option_part part = {rows, sizeof rows / sizeof rows[0], r};

    puts("usage: replay [options] FILE");
    print_options(&part, 1);
    return 0;
}

/* --- the recording --- */

static int cannot_read(const struct replay *r, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", program_name, r->path, why);
    return EXIT_READ;
}

static int read_file(struct replay *r, FILE *f)
{
    char part[4096];
    size_t n;

    r->text.limit = RECORDING_MOST;
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        if (sc_buf_add(&r->text, part, n) < 0)
            return cannot_read(r, "too large");
    if (ferror(f))
        return cannot_read(r, strerror(errno));
    if (r->text.len == 0)
        return cannot_read(r, "nothing was recorded");
    if (memchr(r->text.data, '\0', r->text.len) != NULL)
        return cannot_read(r, "no recording: a NUL is in it");
    return 0;
}

static int read_recording(struct replay *r)
{
    struct sc_error e = {0};
    FILE *f = fopen(r->path, "rb");
    int code;

    if (f == NULL)
        return cannot_read(r, strerror(errno));
    code = read_file(r, f);
    fclose(f);
    if (code != 0)
        return code;
    r->connections = sc_script_connections(r->text.data, &e);
    if (r->connections < 0)
        return cannot_read(r, e.text);
    return r->connections == 0 ? cannot_read(r, "nothing was recorded") : 0;
}

/* --- one connection --- */

struct visit {
    struct replay *r;
    Stream *s;
    int which;
};

static void tell(struct replay *r, int which, const char *why)
{
    r->failed = true;
    fprintf(stderr, "%s: connection %d: ", program_name, which + 1);
    put_shown(stderr, why, strlen(why));
    putc('\n', stderr);
}

static void serve(void *arg)
{
    struct visit *v = arg;
    struct replay *r = v->r;
    struct sc_error e = {0};
    struct sc_wait w = {sc_now() + r->timeout_ms, &e};
    int rc = sc_script_serve(&v->s, r->text.data, v->which,
                             r->tls.cert != NULL ? &r->tls : NULL, &w);

    if (rc < 0)
        tell(r, v->which, e.text[0] != '\0' ? e.text : sc_strerror(rc));
    sc_stream_close(v->s);
    free(v);
}

static int begin(struct replay *r, Stream *s, int which)
{
    struct visit *v = calloc(1, sizeof *v);

    if (v == NULL) {
        sc_stream_close(s);
        return SC_ENOMEM;
    }
    *v = (struct visit){r, s, which};
    return sc_group_go(r->group, serve, v);
}

/* --- all of them, in the order in which they began --- */

static int take_visits(struct replay *r, struct sc_listener *l)
{
    struct sc_error e = {0};
    Stream *s;
    int code = 0;

    for (int i = 0; code == 0 && (!r->once || i < r->connections); i++) {
        if (!r->once)
            i %= r->connections;
        s = sc_accept(l, r->once ? r->timeout_ms : -1, &e);
        if (s == NULL && e.code == SC_ETIMEDOUT) {
            tell(r, i, "nobody has called");
            break;
        }
        if (s == NULL)
            code = complain(program_name, &e);
        else if (begin(r, s, i) < 0)
            code = no_memory();
    }
    return code;
}

static int serve_all(struct replay *r)
{
    struct sc_error e = {0};
    struct sc_listener *l;
    char where[32];
    int code;

    snprintf(where, sizeof where, "127.0.0.1:%d", r->port);
    if ((l = sc_listen(where, &e)) == NULL)
        return complain(program_name, &e);
    printf("%d\n", sc_listener_port(l));
    if (fflush(stdout) != 0) {
        sc_listener_close(l);
        return cannot_write_stdout(program_name);
    }
    r->group = sc_group_new(NULL, 0);
    code = take_visits(r, l);
    sc_listener_close(l);
    sc_group_wait(r->group);
    return code == 0 && r->failed ? DIFFERS : code;
}

static int run(struct replay *r)
{
    int code;

    if (r->help)
        return print_help(r);
    if (r->version) {
        printf("replay %s (simpleclient/%s %s)\n", REPLAY_VERSION, sc_version(),
               sc_features());
        return 0;
    }
    if (r->timeout_ms == 0)
        r->timeout_ms = DEFAULT_MS;
    if ((code = read_recording(r)) != 0)
        return code;
    return serve_all(r);
}

int main(int argc, char **argv)
{
    static struct replay r;
    int code;

    hold_numbers();
    signal(SIGPIPE, SIG_IGN);
    if ((code = read_words(&r, argc, argv)) < 0)
        code = run(&r);
    sc_buf_free(&r.text);
    return finish_stdout(program_name, code);
}
