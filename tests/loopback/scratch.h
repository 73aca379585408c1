/* scratch.h - a folder for a test's files, gone with it. */
#ifndef TESTS_LOOPBACK_SCRATCH_H
#define TESTS_LOOPBACK_SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <simpleclient/buf.h>

struct scratch {
    char dir[64];
};

/* In memory where there is such a place: tests sync thousands of times. */
static inline struct scratch scratch_new(void)
{
    struct scratch s = {"/dev/shm/sc-scratch-XXXXXX"};

    if (mkdtemp(s.dir) == NULL) {
        s = (struct scratch){"/tmp/sc-scratch-XXXXXX"};
        assert_non_null(mkdtemp(s.dir));
    }
    return s;
}

static inline int scratch_unlink(const char *path, const struct stat *st,
                                 int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static inline void scratch_free(struct scratch *s)
{
    nftw(s->dir, scratch_unlink, 8, FTW_DEPTH | FTW_PHYS);
}

/* Borrowed until the fourth call from here. */
static inline const char *scratch_path(const struct scratch *s,
                                       const char *name)
{
    static char path[4][400];
    static int next;

    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%.300s", s->dir, name);
    return path[next];
}

/* Owned; empty if there is none. */
static inline struct sc_buf scratch_read(const char *path)
{
    struct sc_buf b = SC_BUF(1 << 28);
    char piece[4096];
    ssize_t n;
    int fd = open(path, O_RDONLY);

    sc_buf_add(&b, "", 0);
    while (fd >= 0 && (n = read(fd, piece, sizeof piece)) > 0)
        sc_buf_add(&b, piece, (size_t)n);
    if (fd >= 0)
        close(fd);
    return b;
}

static inline void scratch_write(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* How many files there are in a folder; NAME gets the last one's path. */
static inline int scratch_count(const char *folder, char name[700])
{
    struct dirent *e;
    DIR *d = opendir(folder);
    int n = 0;

    if (d == NULL)
        return 0;
    while ((e = readdir(d)) != NULL)
        if (e->d_name[0] != '.') {
            n++;
            if (name != NULL)
                snprintf(name, 700, "%.400s/%.255s", folder, e->d_name);
        }
    closedir(d);
    return n;
}

/* No file grows beyond BYTES: a full disk. RLIM_INFINITY: it is not full. */
static inline void scratch_disk(rlim_t bytes)
{
    struct rlimit r;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &r);
    r.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &r);
}

#endif
