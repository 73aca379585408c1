/* sn.h - sn, a small old news server of another make than INN: no CAPABILITIES,
 * no OVER, no HDR. Unpacked, not installed (unpack.sh). local.test has articles
 * from number 10 on, local.empty none. */
#ifndef TESTS_SERVERS_SN_H
#define TESTS_SERVERS_SN_H

#include "server.h"

#define SN_WITH UNPACKED "/sn/with"

struct sn {
    struct server at;
    int port, door;
};

static inline bool sn_installed(void)
{
    return access(SN_WITH, X_OK) == 0;
}

/* Articles 1 to N as a feeder hands them over: <NUMBER@simple.test>. */
static inline int sn_articles(const struct sn *s, int n)
{
    FILE *f = fopen(server_path(&s->at, "articles"), "w");

    if (f == NULL)
        return -1;
    for (int i = 1; i <= n; i++)
        fprintf(f,
                "From: bob <bob@simple.test>\r\nNewsgroups: local.test\r\n"
                "Subject: article %d\r\nDate: Sat, 21 Nov 2026 12:00:00 "
                "+0000\r\nMessage-ID: <%d@simple.test>\r\n\r\n"
                "line one of %d\r\n..dot\r\n...dots\r\n..\r\nend\r\n.\r\n",
                i, i, i);
    return fclose(f);
}

static inline int sn_spool(const struct sn *s)
{
    const char *with = SN_WITH, *d = s->at.dir;
    char line[1200];

    snprintf(line, sizeof line,
             "{ export SNROOT=%s/spool; %s snprimedb -i &&"
             " %s snnewgroup local.test && %s snnewgroup local.empty &&"
             " %s snstore <%s/articles; } >>%s/said 2>&1",
             d, with, with, with, with, d, d);
    /* Who posts is stored at once. */
    if (server_mkdir(&s->at, "spool") < 0 || system(line) != 0 ||
        server_write(&s->at, "spool/.SNPOST", "#!/bin/sh\nexec snstore\n") < 0)
        return -1;
    return chmod(server_path(&s->at, "spool/.SNPOST"), 0755);
}

/* As inetd: a process for each who comes. */
static inline void sn_serve(const struct sn *s)
{
    int fd;

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGCHLD, SIG_IGN);
    setenv("SNROOT", server_path(&s->at, "spool"), 1);
    setenv("POSTING_OK", "1", 1);
    dup2(open(server_path(&s->at, "said"), O_WRONLY | O_CREAT | O_APPEND, 0666),
         2);
    while ((fd = accept(s->door, NULL, NULL)) >= 0) {
        if (fork() == 0) {
            signal(SIGCHLD, SIG_DFL);
            dup2(fd, 0);
            dup2(fd, 1);
            execl(SN_WITH, "with", "snntpd.bin", (char *)NULL);
            _exit(127);
        }
        close(fd);
    }
    _exit(1);
}

static inline int sn_listen(struct sn *s)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;

    s->door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(s->door, (struct sockaddr *)&a, size) < 0 ||
        listen(s->door, 20) < 0 ||
        getsockname(s->door, (struct sockaddr *)&a, &size) < 0)
        return -1;
    s->port = ntohs(a.sin_port);
    return 0;
}

static inline int sn_start(struct sn *s, int articles)
{
    if (server_make_dir(&s->at) < 0 || sn_articles(s, articles) < 0 ||
        sn_spool(s) < 0 || sn_listen(s) < 0) {
        print_message("%s\n", server_read(&s->at, "said").data);
        return -1;
    }
    fflush(NULL);
    if ((s->at.pid = fork()) == 0)
        sn_serve(s);
    close(s->door);
    return s->at.pid > 0 ? 0 : -1;
}

static inline void sn_stop(struct sn *s)
{
    server_end(&s->at, SIGTERM);
    server_remove_dir(&s->at);
}

#endif
