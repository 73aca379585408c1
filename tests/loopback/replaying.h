/* replaying.h - a program run twice: against a server, recording, and against
 * replay with what was recorded. Both times it must do the same. */
#ifndef TESTS_LOOPBACK_REPLAYING_H
#define TESTS_LOOPBACK_REPLAYING_H

#include <signal.h>

#include "program.h"
#include "scratch.h"

struct replaying {
    char path[512]; /* of replay */
    pid_t child;
    int port;
    int err[2];
    struct sc_buf said; /* on stderr; freed by replaying_stop's caller */
};

/* Play FILE; CERT may be NULL. */
static inline void replaying_start(struct replaying *r, const char *file,
                                   const char *cert)
{
    const char *argv[] = {"replay", "--once", "--timeout",
                          "20",     file,     cert != NULL ? "--cert" : NULL,
                          cert,     NULL};
    struct program p = {.path = r->path};
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC), out[2];
    char text[20] = "";

    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(r->err, O_CLOEXEC), 0);
    r->child = program_spawn(&p, in, out[1], r->err[1], argv);
    close(in);
    close(out[1]);
    close(r->err[1]);
    if (read(out[0], text, sizeof text - 1) > 0)
        r->port = (int)strtol(text, NULL, 10);
    close(out[0]);
    if (r->port <= 0)
        fail_msg("replay does not start");
}

/* Wait for it; returns its exit code. */
static inline int replaying_stop(struct replaying *r)
{
    int status;

    program_drain(r->err[0], &r->said);
    assert_int_equal(waitpid(r->child, &status, 0), r->child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* It was played as recorded. */
static inline void replaying_done(struct replaying *r)
{
    int code = replaying_stop(r);

    if (code != 0 || r->said.len > 0)
        fail_msg("replay: %d: %s", code, r->said.data);
    sc_buf_free(&r->said);
}

#endif
