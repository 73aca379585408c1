/* kit.h - what the programs of the bench share: their arguments, a clock, the
 * CPU time, one line of JSON, a blocking socket. */
#ifndef BENCH_KIT_H
#define BENCH_KIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* PROG JOB HOST PORT COUNT [SIZE] [CONNECTIONS] [MODE], and from the
 * environment BENCH_CA (PEM file to trust) and BENCH_FILE (to upload). */
struct bench_args {
    const char *job, *host, *mode, *ca, *file;
    int port, conns;
    uint64_t count; /* bytes, where the job is one body */
    size_t size;    /* of each body */
};

/* Read the arguments, or say how to use PROG and exit with 2. */
void bench_args(int argc, char **argv, struct bench_args *a);
/* True for jobs that move one large body. */
bool bench_one_body(const char *job);
/* SIZE bytes of a message: lines of 74 with their CRLF, a dot before each eighth.
 * Never freed. */
char *bench_mail(size_t size);
/* The path that the job asks for. */
void bench_path(const struct bench_args *a, char *path, size_t size);

/* Time and CPU count from here on; bench_stop prints the line. */
void bench_start(void);
void bench_stop(const struct bench_args *a, const char *who, uint64_t n,
                uint64_t bytes);

/* Print what failed and exit with 1. */
_Noreturn void bench_die(const char *what);
/* A connected, blocking socket with TCP_NODELAY; dies without one. */
int bench_connect(const struct bench_args *a);
/* A listening socket on a free port, which is printed. */
int bench_listen(void);
/* Write all of it, or die. */
void bench_write(int fd, const void *p, size_t n);

#endif
