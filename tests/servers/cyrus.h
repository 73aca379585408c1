/* cyrus.h - Cyrus, a second POP3 server beside Dovecot: unpacked, not installed
 * (unpack.sh). Mail comes in by LMTP. joe has the password "secret", amy "pass
 * \"word\" of amy"; a thread of ours tells Cyrus so, in the place of saslauthd. */
#ifndef TESTS_SERVERS_CYRUS_H
#define TESTS_SERVERS_CYRUS_H

#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sys/un.h>

#include "../certs.h"
#include "server.h"

enum cyrus_port { CYRUS_POP3, CYRUS_POP3S, CYRUS_PORTS };

struct cyrus {
    struct server at;
    const struct certs *certs;
    int port[CYRUS_PORTS];
    char lmtp[96]; /* a socket that speaks LMTP */
    int door, stop[2];
    pthread_t keeper;
};

/* --- passwords, as saslauthd is asked for them --- */

/* Two bytes of length, then so many: of user, password, service, realm. */
static inline bool cyrus_word(int fd, char *to, size_t size)
{
    unsigned char n[2];
    size_t len;

    to[0] = '\0';
    if (recv(fd, n, 2, MSG_WAITALL) != 2 ||
        (len = (size_t)n[0] * 256 + n[1]) >= size)
        return false;
    if (len > 0 && recv(fd, to, len, MSG_WAITALL) != (ssize_t)len)
        return false;
    to[len] = '\0';
    return true;
}

static inline void cyrus_judge(int fd)
{
    char word[4][100];
    bool good = true;

    for (int i = 0; i < 4; i++)
        good = good && cyrus_word(fd, word[i], sizeof word[i]);
    good = good &&
           ((strcmp(word[0], "joe") == 0 && strcmp(word[1], "secret") == 0) ||
            (strcmp(word[0], "amy") == 0 &&
             strcmp(word[1], "pass \"word\" of amy") == 0));
    send(fd, good ? "\0\2OK" : "\0\2NO", 4, MSG_NOSIGNAL);
    close(fd);
}

static inline void *cyrus_keep(void *arg)
{
    struct cyrus *c = arg;
    struct pollfd p[2] = {{.fd = c->door, .events = POLLIN},
                          {.fd = c->stop[0], .events = POLLIN}};
    int fd;

    while (poll(p, 2, -1) > 0 && p[1].revents == 0)
        if ((fd = accept(c->door, NULL, NULL)) >= 0)
            cyrus_judge(fd);
    return NULL;
}

static inline int cyrus_open_door(struct cyrus *c)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    snprintf(a.sun_path, sizeof a.sun_path, "%s/mux", c->at.dir);
    c->door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(c->door, (struct sockaddr *)&a, sizeof a) < 0 ||
        chmod(a.sun_path, 0777) < 0 || listen(c->door, 20) < 0 ||
        pipe2(c->stop, O_CLOEXEC) < 0)
        return -1;
    return pthread_create(&c->keeper, NULL, cyrus_keep, c) ? -1 : 0;
}

static inline void cyrus_close_door(struct cyrus *c)
{
    close(c->stop[1]);
    pthread_join(c->keeper, NULL);
    close(c->stop[0]);
    close(c->door);
}

/* --- its files --- */

static inline int cyrus_conf(const struct cyrus *c)
{
    const struct passwd *who = getpwuid(geteuid());
    FILE *f = fopen(server_path(&c->at, "imapd.conf"), "w");
    const char *d = c->at.dir;

    if (f == NULL || who == NULL)
        return -1;
    fprintf(f,
            "configdirectory: %s/conf\npartition-default: %s/mail\n"
            "defaultpartition: default\nproc_path: %s/proc\n"
            "mboxname_lockpath: %s/lock\nlmtpsocket: %s\n"
            "idlesocket: %s/idle\nnotifysocket: %s/notify\n",
            d, d, d, d, c->lmtp, d, d);
    fprintf(f,
            "cyrus_user: %s\nallowplaintext: yes\nallowapop: no\n"
            "failedloginpause: 0\nautocreate_quota: 0\n"
            "autocreate_post: yes\nduplicatesuppression: no\nskiplist_unsafe: "
            "yes\n",
            geteuid() == 0 ? "nobody" : who->pw_name);
    fprintf(f,
            "sasl_pwcheck_method: saslauthd\nsasl_saslauthd_path: %s/mux\n"
            "sasl_mech_list: PLAIN LOGIN\n"
            "tls_server_cert: %s/cert\ntls_server_key: %s/cert\n",
            d, d, d);
    return fclose(f);
}

static inline int cyrus_services(const struct cyrus *c)
{
    FILE *f = fopen(server_path(&c->at, "cyrus.conf"), "w");
    const char *d = c->at.dir;

    if (f == NULL)
        return -1;
    fprintf(f,
            "START {\n recover cmd=\"%s/cyrus/usr/lib/cyrus/bin/ctl_cyrusdb"
            " -C %s/imapd.conf -r\"\n}\nSERVICES {\n",
            d, d);
    fprintf(f,
            " pop3 cmd=\"%s/cyrus/usr/lib/cyrus/bin/pop3d -C %s/imapd.conf\""
            " listen=\"127.0.0.1:%d\" prefork=1\n",
            d, d, c->port[CYRUS_POP3]);
    fprintf(f,
            " pop3s cmd=\"%s/cyrus/usr/lib/cyrus/bin/pop3d -s -C"
            " %s/imapd.conf\" listen=\"127.0.0.1:%d\" prefork=0\n",
            d, d, c->port[CYRUS_POP3S]);
    fprintf(f,
            " lmtp cmd=\"%s/cyrus/usr/lib/cyrus/bin/lmtpd -a -C"
            " %s/imapd.conf\" listen=\"%s\" prefork=0\n}\nEVENTS {\n}\n",
            d, d, c->lmtp);
    return fclose(f);
}

/* The programs too: who gives up root may not reach where they were unpacked. */
static inline int cyrus_files(struct cyrus *c)
{
    static const char *const folders[] = {"conf", "mail", "proc", "lock"};
    char line[400];

    snprintf(c->lmtp, sizeof c->lmtp, "%s/lmtp", c->at.dir);
    for (int i = 0; i < 4; i++)
        if (server_mkdir(&c->at, folders[i]) < 0)
            return -1;
    snprintf(line, sizeof line,
             "cp -R '%.200s/cyrus' %s/cyrus && cp %s %s/cert &&"
             " chmod 644 %s/cert",
             UNPACKED, c->at.dir, c->certs->good, c->at.dir, c->at.dir);
    return system(line) == 0 ? cyrus_conf(c) : -1;
}

/* --- its life --- */

static inline bool cyrus_unpacked(void)
{
    return access(UNPACKED "/cyrus/with", X_OK) == 0;
}

/* In a session of its own, for at its end it ends its process group. */
static inline int cyrus_launch(struct cyrus *c)
{
    char path[5][96];
    static const char *const name[] = {"cyrus/with",
                                       "cyrus/usr/lib/cyrus/bin/master",
                                       "imapd.conf", "cyrus.conf", "pid"};
    const char *const argv[] = {"setpriv",
                                "--reuid=nobody",
                                "--regid=nogroup",
                                "--clear-groups",
                                "--pdeathsig=TERM",
                                "setsid",
                                path[0],
                                path[1],
                                "-C",
                                path[2],
                                "-M",
                                path[3],
                                "-p",
                                path[4],
                                "-D",
                                NULL};

    for (int i = 0; i < 5; i++)
        snprintf(path[i], sizeof path[i], "%.50s/%s", c->at.dir, name[i]);
    return server_spawn(&c->at, geteuid() == 0 ? argv : argv + 5);
}

/* Another process may take a port before Cyrus does. */
static inline int cyrus_try(struct cyrus *c)
{
    if (server_free_ports(c->port, CYRUS_PORTS) < 0 || cyrus_services(c) < 0 ||
        cyrus_launch(c) < 0)
        return -1;
    if (server_wait(&c->at, c->port[CYRUS_POP3S]) == 0)
        return 0;
    server_end(&c->at, SIGTERM);
    return -1;
}

static inline int cyrus_start(struct cyrus *c, const struct certs *certs)
{
    int rc = -1;

    c->certs = certs;
    if (server_make_dir(&c->at) < 0 || cyrus_files(c) < 0 ||
        cyrus_open_door(c) < 0)
        return -1;
    for (int i = 0; i < 3 && rc < 0; i++)
        rc = cyrus_try(c);
    return rc;
}

static inline void cyrus_stop(struct cyrus *c)
{
    server_end(&c->at, SIGTERM);
    cyrus_close_door(c);
    server_remove_dir(&c->at);
}

#endif
