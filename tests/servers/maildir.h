/* maildir.h - what a server has delivered: Maildirs in its mail/. */
#ifndef TESTS_SERVERS_MAILDIR_H
#define TESTS_SERVERS_MAILDIR_H

#include <dirent.h>

#include "server.h"

struct maildir_name {
    char path[300]; /* from the server's directory on */
};

/* The names of the files in the new/ of the Maildir USER, at most N. */
static inline size_t maildir_list(const struct server *s, const char *user,
                                  struct maildir_name *name, size_t n)
{
    char path[64];
    DIR *d;
    struct dirent *e;
    size_t found = 0;

    snprintf(path, sizeof path, "mail/%.20s/new", user);
    d = opendir(server_path(s, path));
    while (d != NULL && (e = readdir(d)) != NULL)
        if (e->d_name[0] != '.' && found < n)
            snprintf(name[found++].path, 300, "mail/%.20s/new/%.255s", user,
                     e->d_name);
    if (d != NULL)
        closedir(d);
    return found;
}

/* Wait until USER has N messages; half a minute at most. Returns how many. */
static inline size_t maildir_wait(const struct server *s, const char *user,
                                  struct maildir_name *name, size_t n)
{
    size_t found = 0;

    for (int i = 0; i < 600; i++) {
        if ((found = maildir_list(s, user, name, n)) >= n)
            return found;
        usleep(50000);
    }
    return found;
}

static inline void maildir_clear(const struct server *s, const char *user)
{
    struct maildir_name name[400];
    size_t n = maildir_list(s, user, name, 400);

    for (size_t i = 0; i < n; i++)
        unlink(server_path(s, name[i].path));
}

/* The next message to USER, once it has come, and take it away. Owned. */
static inline struct sc_buf maildir_take(const struct server *s,
                                         const char *user)
{
    struct maildir_name name[1];
    struct sc_buf b = SC_BUF(1);

    if (maildir_wait(s, user, name, 1) == 0) {
        sc_buf_add(&b, "", 0);
        return b;
    }
    b = server_read(s, name[0].path);
    unlink(server_path(s, name[0].path));
    return b;
}

#endif
