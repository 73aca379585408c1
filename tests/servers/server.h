/* server.h - a real server for a test program: a scratch directory, a free
 * port, a process that ends with the test, by its number. */
#ifndef TESTS_SERVERS_SERVER_H
#define TESTS_SERVERS_SERVER_H

#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simpleclient/buf.h>
#include <simpleclient/task.h>

struct server {
    char dir[64]; /* scratch; others may write there: servers give up root */
    pid_t pid;
    int port;
};

static inline const char *server_path(const struct server *s, const char *name)
{
    static char path[4][400];
    static int next;

    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%.300s", s->dir, name);
    return path[next];
}

static inline int server_write_n(const struct server *s, const char *name,
                                 const void *p, size_t n)
{
    FILE *f = fopen(server_path(s, name), "w");

    if (f == NULL)
        return -1;
    fwrite(p, 1, n, f);
    return fclose(f);
}

static inline int server_write(const struct server *s, const char *name,
                               const char *text)
{
    return server_write_n(s, name, text, strlen(text));
}

static inline int server_mkdir(const struct server *s, const char *name)
{
    const char *path = server_path(s, name);

    return mkdir(path, 0777) < 0 ? -1 : chmod(path, 0777);
}

/* What a file of the server's holds; empty if there is none. Owned. */
static inline struct sc_buf server_read(const struct server *s,
                                        const char *name)
{
    struct sc_buf b = SC_BUF(1 << 26);
    FILE *f = fopen(server_path(s, name), "r");
    char piece[4096];
    size_t n;

    sc_buf_add(&b, "", 0);
    while (f != NULL && (n = fread(piece, 1, sizeof piece, f)) > 0)
        sc_buf_add(&b, piece, n);
    if (f != NULL)
        fclose(f);
    return b;
}

static inline long server_size(const struct server *s, const char *name)
{
    struct stat st;

    return stat(server_path(s, name), &st) < 0 ? -1 : (long)st.st_size;
}

/* N ports that nobody has, all different: each is held until all are found. */
static inline int server_free_ports(int *port, int n)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0), rc = 0;

    if (bind(fd, (struct sockaddr *)&a, size) < 0 ||
        getsockname(fd, (struct sockaddr *)&a, &size) < 0)
        rc = -1;
    else if (n > 1)
        rc = server_free_ports(port + 1, n - 1);
    *port = ntohs(a.sin_port);
    close(fd);
    return rc;
}

static inline int server_free_port(void)
{
    int port;

    return server_free_ports(&port, 1) < 0 ? 0 : port;
}

static inline int server_make_dir(struct server *s)
{
    snprintf(s->dir, sizeof s->dir, "/tmp/sc-server-XXXXXX");
    return mkdtemp(s->dir) == NULL || chmod(s->dir, 0777) < 0 ? -1 : 0;
}

/* Start ARGV (looked up in PATH); what it says goes to DIR/said. */
static inline int server_spawn(struct server *s, const char *const argv[])
{
    int log = open(server_path(s, "said"), O_WRONLY | O_CREAT | O_APPEND, 0666);

    if ((s->pid = fork()) == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(log, 1);
        dup2(log, 2);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    close(log);
    return s->pid > 0 ? 0 : -1;
}

static inline bool server_accepts(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                            .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int rc = connect(fd, (struct sockaddr *)&a, sizeof a);

    close(fd);
    return rc == 0;
}

/* Until it takes connections; -1 when it has ended, or after ten seconds. */
static inline int server_wait(struct server *s, int port)
{
    for (int i = 0; i < 200; i++) {
        if (server_accepts(port))
            return 0;
        if (waitpid(s->pid, NULL, WNOHANG) == s->pid) {
            s->pid = 0;
            break;
        }
        usleep(50000);
    }
    print_message("no server came up: %s\n", server_read(s, "said").data);
    return -1;
}

static inline void server_signal(struct server *s, int sig)
{
    if (s->pid > 0)
        kill(s->pid, sig);
}

static inline void server_end(struct server *s, int sig)
{
    server_signal(s, sig);
    if (s->pid > 0)
        waitpid(s->pid, NULL, 0);
    s->pid = 0;
}

static inline int server_unlink(const char *path, const struct stat *st,
                                int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static inline void server_remove_dir(struct server *s)
{
    if (s->dir[0] != '\0')
        nftw(s->dir, server_unlink, 8, FTW_DEPTH | FTW_PHYS);
    s->dir[0] = '\0';
}

/* Is there a program NAME in PATH, or where servers lie? */
static inline bool server_installed(const char *name)
{
    const char *path = getenv("PATH");
    char all[4096], file[4400];
    size_t n;

    snprintf(all, sizeof all, "%s:/usr/sbin:/sbin", path != NULL ? path : "");
    setenv("PATH", all, 1);
    for (const char *at = all;; at += n + 1) {
        n = strcspn(at, ":");
        snprintf(file, sizeof file, "%.*s/%s", (int)n, at, name);
        if (access(file, X_OK) == 0)
            return true;
        if (at[n] == '\0')
            return false;
    }
}

#endif
