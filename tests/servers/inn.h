/* inn.h - INN: innd, which is fed, and nnrpd, which is read, with STARTTLS and
 * from the first byte. Groups: local.test, local.many and local.shapes take
 * articles, local.empty has none, local.mod is moderated, local.closed takes no
 * posts, private.test is for those who have logged in: joe by "secret", amy by
 * "pass \"word\" of amy", and max, who may not post, by "secret". Needs root, or
 * namespaces for everybody. */
#ifndef TESTS_SERVERS_INN_H
#define TESTS_SERVERS_INN_H

#include <grp.h>
#include <pwd.h>

#include "../certs.h"
#include "server.h"

enum inn_port { TRANSIT, READER, NNTPS, INN_PORTS };

#define INN_BIN "/usr/lib/news/bin/"

struct inn {
    struct server at; /* no process: they are below */
    struct server process[INN_PORTS];
    const struct certs *certs;
    int port[INN_PORTS];
    bool strict; /* set before the start: passwords only inside TLS */
    bool sasl;   /* AUTHINFO SASL knows the users too */
};

/* --- its files --- */

static inline int inn_conf(const struct inn *n)
{
    const char *d = n->at.dir;
    FILE *f = fopen(server_path(&n->at, "etc/inn.conf"), "w");

    if (f == NULL)
        return -1;
    fprintf(f,
            "mta: \"/bin/true %%s\"\nmailcmd: /bin/true\n"
            "pathhost: news.simple.test\ndomain: simple.test\n"
            "fromhost: simple.test\nmoderatormailer: %%s@simple.test\n"
            "server: 127.0.0.1\nbindaddress: 127.0.0.1\n"
            "sourceaddress: 127.0.0.1\nport: %d\n"
            "nnrpdposthost: 127.0.0.1\nnnrpdpostport: %d\n",
            n->port[TRANSIT], n->port[TRANSIT]);
    fprintf(f, "ovmethod: tradindexed\nhismethod: hisv6\nhiscachesize: 256\n"
               "enableoverview: true\ngroupbaseexpiry: true\n"
               "extraoverviewadvertised: [ Newsgroups ]\n"
               "allownewnews: true\nartcutoff: 0\nmaxartsize: 4000000\n"
               "localmaxartsize: 4000000\nmaxconnections: 100\n"
               "readerswhenstopped: true\nnnrpdloadlimit: 0\n");
    fprintf(f,
            "tlscafile: %s/tls/cert.pem\ntlscertfile: %s/tls/cert.pem\n"
            "tlskeyfile: %s/tls/key.pem\n",
            d, d, d);
    fprintf(f,
            "pathnews: /usr/lib/news\npathspool: %s/spool\n"
            "patharticles: %s/spool/articles\n"
            "pathincoming: %s/spool/incoming\n"
            "pathoutgoing: %s/spool/outgoing\n"
            "pathoverview: %s/spool/overview\n"
            "patharchive: %s/spool/archive\n",
            d, d, d, d, d, d);
    fprintf(f,
            "pathdb: %s/db\npathetc: %s/etc\npathfilter: %s/etc/filter\n"
            "pathrun: %s/run\npathlog: %s/log\npathhttp: %s/log\n"
            "pathtmp: %s/tmp\n",
            d, d, d, d, d, d, d);
    return fclose(f);
}

static inline int inn_readers(const struct inn *n)
{
    FILE *f = fopen(server_path(&n->at, "etc/readers.conf"), "w");

    if (f == NULL)
        return -1;
    if (n->strict)
        fprintf(f, "auth \"clear\" {\n  hosts: \"127.0.0.1, localhost\"\n"
                   "  default: \"<anon>\"\n}\n");
    fprintf(f,
            "auth \"all\" {\n  hosts: \"127.0.0.1, localhost\"\n"
            "  auth: \"ckpasswd -f %s/etc/passwd\"\n"
            "  require_encryption: %s\n  default: \"<anon>\"\n}\n",
            n->at.dir, n->strict ? "true" : "false");
    fprintf(f, "access \"anon\" {\n  users: \"<anon>\"\n"
               "  newsgroups: \"local.*\"\n  access: \"RPN\"\n}\n"
               "access \"full\" {\n  users: \"*,!<anon>,!max\"\n"
               "  newsgroups: \"*\"\n  access: \"RPNI\"\n}\n"
               "access \"mute\" {\n  users: \"max\"\n"
               "  newsgroups: \"*\"\n  access: \"RN\"\n}\n");
    return fclose(f);
}

struct inn_file {
    const char *name, *text;
};

static inline int inn_texts(const struct inn *n)
{
    static const struct inn_file files[] = {
        {"etc/storage.conf",
         "method tradspool {\n  newsgroups: *\n  class: 0\n}\n"},
        {"etc/newsfeeds", "ME:*::\n"},
        {"etc/incoming.conf", "streaming: true\nmax-connections: 50\n"
                              "peer tests {\n  hostname: \"127.0.0.1\"\n}\n"},
        {"etc/expire.ctl", "/remember/:11\n*:A:1:1000:never\n"},
        {"etc/control.ctl", "all:*:*:drop\n"},
        {"etc/moderators", "local.*:%s@simple.test\n"},
        {"etc/localgroups", ""},
        {"etc/distrib.pats", "10:local.*:local\n"},
        {"etc/distributions", "local\tHere only\n"},
        {"etc/subscriptions", "local.test\nlocal.mod\n"},
        {"etc/motd.nnrpd", "Welcome to the tests.\nThey are short.\n"},
        {"etc/passwd",
         /* openssl passwd -6 -salt simpleclient */
         "joe:$6$simpleclient$8DilBJ/AFwCUNbgcd1cWDXDnEPNoGUhN95lG1ITjtyh."
         "cDtzKHimh4qRUKYg0vTJLglHWcC1VdI.wtQ5/DK7q1\n"
         "max:$6$simpleclient$8DilBJ/AFwCUNbgcd1cWDXDnEPNoGUhN95lG1ITjtyh."
         "cDtzKHimh4qRUKYg0vTJLglHWcC1VdI.wtQ5/DK7q1\n"
         "amy:$6$simpleclient$aoL3A0imdJeO9eizUh/mJl2J5jRzjLSKQKP7NtWv8Tr5mkf"
         "BBTKwwz.WNIXQLjp/AXQgwFh3zc8G0SOMsD.c00\n"},
        {"db/active", "control 0000000000 0000000001 n\n"
                      "control.cancel 0000000000 0000000001 n\n"
                      "junk 0000000000 0000000001 n\n"
                      "local.closed 0000000000 0000000001 n\n"
                      "local.empty 0000000000 0000000001 y\n"
                      "local.many 0000000000 0000000001 y\n"
                      "local.mod 0000000000 0000000001 m\n"
                      "local.shapes 0000000000 0000000001 y\n"
                      "local.test 0000000000 0000000001 y\n"
                      "private.test 0000000000 0000000001 y\n"},
        {"db/newsgroups", "local.mod\tWhat was looked at first (Moderated)\n"
                          "local.test\tA group for tests \xc3\xbc\n"
                          "private.test\tFor those who have logged in\n"},
        {"db/active.times", "local.test 1000000000 founder@simple.test\n"
                            "local.empty 1600000000 founder@simple.test\n"},
        {"db/history", ""},
    };
    int rc = 0;

    for (size_t i = 0; i < sizeof files / sizeof files[0] && rc == 0; i++)
        rc = server_write(&n->at, files[i].name, files[i].text);
    return rc;
}

static inline int inn_folders(const struct inn *n)
{
    static const char *const all[] = {"etc",
                                      "etc/filter",
                                      "db",
                                      "run",
                                      "log",
                                      "tmp",
                                      "tls",
                                      "spool",
                                      "spool/articles",
                                      "spool/incoming",
                                      "spool/incoming/bad",
                                      "spool/outgoing",
                                      "spool/overview",
                                      "spool/archive"};
    int rc = 0;

    for (size_t i = 0; i < sizeof all / sizeof all[0] && rc == 0; i++)
        rc = server_mkdir(&n->at, all[i]);
    return rc;
}

/* nnrpd takes no key that others may read, and all must be news's. */
static inline int inn_own(const struct inn *n)
{
    char line[700];

    snprintf(line, sizeof line,
             "cp %s %s/tls/cert.pem && cp %s %s/tls/key.pem &&"
             " chmod 600 %s/tls/key.pem &&"
             " { [ $(id -u) != 0 ] || chown -R news:news %s; }",
             n->certs->good, n->at.dir, n->certs->good, n->at.dir, n->at.dir,
             n->at.dir);
    return system(line) == 0 ? 0 : -1;
}

static inline int inn_password(const struct inn *n, const char *realm,
                               const char *user, const char *password)
{
    char line[400];
    FILE *to;

    snprintf(line, sizeof line, "saslpasswd2 -p -c -f %s/db/sasldb -u %s %s",
             n->at.dir, realm, user);
    if ((to = popen(line, "w")) == NULL)
        return -1;
    fputs(password, to);
    return pclose(to) == 0 ? 0 : -1;
}

/* Users of AUTHINFO SASL. Cyrus's library takes the host's name as the realm
 * (INN_SHELL). */
static inline int inn_sasl(struct inn *n)
{
    char conf[300];

    snprintf(conf, sizeof conf,
             "pwcheck_method: auxprop\nauxprop_plugin: sasldb\n"
             "sasldb_path: %s/db/sasldb\n",
             n->at.dir);
    n->sasl = server_installed("saslpasswd2");
    if (!n->sasl)
        return 0;
    if (server_write(&n->at, "etc/INN.conf", conf) < 0 ||
        inn_password(n, "news.simple.test", "joe", "secret") < 0)
        return -1;
    return inn_password(n, "news.simple.test", "amy", "pass \"word\" of amy");
}

static inline int inn_files(struct inn *n)
{
    if (inn_folders(n) < 0 || inn_texts(n) < 0 || inn_readers(n) < 0 ||
        inn_conf(n) < 0 || inn_sasl(n) < 0)
        return -1;
    return inn_own(n);
}

/* --- its life --- */

/* INN reads /etc/news/inn.conf and no other: its processes see a directory of
 * ours there, and a host name of ours, and run as news. */
#define INN_SHELL                                                              \
    "dir=$1; shift; enter='mount --bind \"$0/etc\" /etc/news &&"               \
    " hostname news.simple.test || exit; cd \"$0/db\";"                        \
    " SASL_CONF_PATH=$0/etc exec setpriv --pdeathsig KILL'\n"                  \
    "if [ $(id -u) = 0 ]; then exec unshare -mu sh -c \"$enter --reuid=news"   \
    " --regid=news --clear-groups \\\"\\$@\\\"\" \"$dir\" \"$@\"; fi\n"        \
    "exec unshare -U --map-user=9 --map-group=9 --keep-caps -mu"               \
    " sh -c \"$enter \\\"\\$@\\\"\" \"$dir\" \"$@\""

static inline int inn_spawn(const struct inn *n, struct server *process,
                            const char *const argv[])
{
    const char *all[20] = {"sh", "-c", INN_SHELL, "sh", n->at.dir};

    for (size_t i = 0; i < 14 && argv[i] != NULL; i++)
        all[5 + i] = argv[i];
    *process = n->at;
    return server_spawn(process, all);
}

/* Is it there, and may one have namespaces here? */
static inline bool inn_installed(void)
{
    static const char may[] =
        "own=; [ $(id -u) = 0 ] ||"
        " own='-U --map-user=9 --map-group=9 --keep-caps';"
        " unshare $own -mu sh -c 'mount --bind /etc/news /etc/news &&"
        " hostname news.simple.test' 2>/dev/null";

    return server_installed("unshare") && server_installed("setpriv") &&
           access(INN_BIN "innd", X_OK) == 0 &&
           access(INN_BIN "nnrpd", X_OK) == 0 && system(may) == 0;
}

static inline int inn_make_history(const struct inn *n)
{
    struct server maker;
    char path[96];
    int status = -1;

    snprintf(path, sizeof path, "%s/db/history", n->at.dir);
    if (inn_spawn(n, &maker,
                  (const char *const[]){INN_BIN "makedbz", "-i", "-o", "-f",
                                        path, NULL}) < 0)
        return -1;
    waitpid(maker.pid, &status, 0);
    return status == 0 ? 0 : -1;
}

static inline int inn_reader(struct inn *n, int which)
{
    char port[12];

    snprintf(port, sizeof port, "%d", n->port[which]);
    return inn_spawn(n, &n->process[which],
                     (const char *const[]){INN_BIN "nnrpd", "-D", "-f", "-p",
                                           port, "-4", "127.0.0.1",
                                           which == NNTPS ? "-S" : NULL, NULL});
}

/* Nothing of it is kept. (innd sees SIGTERM only when somebody connects.) */
static inline void inn_end(struct inn *n)
{
    for (int i = 0; i < INN_PORTS; i++)
        server_end(&n->process[i], SIGKILL);
}

static inline FILE *inn_dial(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                            .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fdopen(fd, "r+");
    close(fd);
    return NULL;
}

/* innd greets when it has read its files; it may rewrite them before. */
static inline int inn_greets(const struct inn *n)
{
    FILE *f = inn_dial(n->port[TRANSIT]);
    char line[200];
    int rc = f != NULL && fgets(line, sizeof line, f) != NULL &&
                     strncmp(line, "200", 3) == 0
                 ? 0
                 : -1;

    if (f != NULL)
        fclose(f);
    return rc;
}

/* Another process may take a port before INN does. */
static inline int inn_try(struct inn *n)
{
    int rc = -1;

    if (server_free_ports(n->port, INN_PORTS) == 0 && inn_conf(n) == 0 &&
        inn_spawn(n, &n->process[TRANSIT],
                  (const char *const[]){INN_BIN "innd", "-f", NULL}) == 0 &&
        inn_reader(n, READER) == 0 && inn_reader(n, NNTPS) == 0)
        rc = 0;
    for (int i = 0; i < INN_PORTS && rc == 0; i++)
        rc = server_wait(&n->process[i], n->port[i]);
    if (rc == 0)
        rc = inn_greets(n);
    if (rc < 0) {
        print_message("%s\n", server_read(&n->at, "log/errlog").data);
        inn_end(n);
    }
    return rc;
}

static inline int inn_start(struct inn *n, const struct certs *certs)
{
    int rc = -1;

    n->certs = certs;
    if (server_make_dir(&n->at) < 0 || inn_files(n) < 0 ||
        inn_make_history(n) < 0)
        return -1;
    for (int i = 0; i < 3 && rc < 0; i++)
        rc = inn_try(n);
    return rc;
}

static inline void inn_stop(struct inn *n)
{
    inn_end(n);
    server_remove_dir(&n->at);
}

/* The URL of a port; kept for the next three calls. LOGIN: "user:password@". */
static inline const char *inn_url(const struct inn *n, int port,
                                  const char *login)
{
    static char url[4][200];
    static int next;

    next = (next + 1) % 4;
    snprintf(url[next], sizeof url[next], "%s://%.60slocalhost:%d/",
             port == NNTPS ? "nntps" : "nntp", login, n->port[port]);
    return url[next];
}

#endif
