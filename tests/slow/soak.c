/* soak.c - soak [TASKS [EXCHANGES [SEED]]] - a long run of lines sent and
 * answered: 9,000 tasks, 1,000,000 exchanges, a server that is a process of
 * its own and now and then resets or says nothing, and a task that cancels
 * others. Every exchange is accounted for, memory stays flat, no descriptor is
 * left, and how late the time-outs came is shown. Exit code 0: all of that
 * held. */
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simpleclient/client.h>
#include <simpleclient/task.h>

#define DEADLINE_MS 2000

static char where[64];
static long tasks = 9000, exchanges = 1000000;
static unsigned seed = 1;

static unsigned any(unsigned n)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 8) % n;
}

/* --- the server --- */

static void answer(int fd)
{
    char buf[4096];
    ssize_t n = recv(fd, buf, sizeof buf, 0);
    struct linger now = {1, 0};
    unsigned what = any(4000);

    if (n > 0 && what > 1) {
        send(fd, buf, (size_t)n, MSG_NOSIGNAL);
    } else if (n <= 0 || what == 0) {
        if (n > 0)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close(fd);
    } /* else: silence */
}

static void serve(int listener)
{
    int ep = epoll_create1(0);
    struct epoll_event e = {EPOLLIN, {.fd = listener}}, got[256];

    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
    for (;;) {
        int n = epoll_wait(ep, got, 256, -1);
        for (int i = 0; i < n; i++) {
            int fd = got[i].data.fd;
            if (fd != listener) {
                answer(fd);
            } else if ((fd = accept(listener, NULL, NULL)) >= 0) {
                e.data.fd = fd;
                epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
            }
        }
    }
}

static pid_t server_start(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t child;

    if (bind(fd, (struct sockaddr *)&at, len) < 0 || listen(fd, 4096) < 0)
        return -1;
    getsockname(fd, (struct sockaddr *)&at, &len);
    snprintf(where, sizeof where, "127.0.0.1:%d", ntohs(at.sin_port));
    if ((child = fork()) == 0)
        serve(fd);
    close(fd);
    return child;
}

/* --- what became of each exchange --- */

enum outcome { ANSWERED, TIMED_OUT, RESET, ENDED, CANCELLED, REFUSED, OTHER };
static const char *const outcome_name[] = {
    "answered", "timed out", "reset", "ended", "cancelled", "refused", "other"};
static long outcomes[OTHER + 1], begun, wrong;
static long late[64]; /* time-outs, by 4 ms */
static long most_late;

static enum outcome outcome_of(int rc)
{
    switch (rc) {
    case 0:
        return ANSWERED;
    case SC_ETIMEDOUT:
        return TIMED_OUT;
    case SC_ECONNRESET:
    case SC_EPIPE:
        return RESET;
    case SC_EOF:
    case SC_ESHORT:
        return ENDED;
    case SC_ECANCELED:
        return CANCELLED;
    case SC_ECONNREFUSED:
        return REFUSED;
    default:
        fprintf(stderr, "soak: unexpected %d: %s\n", rc, sc_strerror(rc));
        return OTHER;
    }
}

static void note_lateness(int64_t ms)
{
    if (ms < 0)
        wrong++; /* before its deadline */
    if (ms > most_late)
        most_late = (long)ms;
    late[ms < 0 ? 0 : ms / 4 > 63 ? 63 : ms / 4]++;
}

static int exchange(SimpleClient *c, long number)
{
    char mine[32];
    struct sc_span line;
    int64_t start = sc_now();
    int n = snprintf(mine, sizeof mine, "LINE %ld", number), rc;

    sc_timeout(c, DEADLINE_MS);
    sc_writeline_n(c, mine, (size_t)n);
    rc = sc_readline(c, &line);
    if (rc == SC_ETIMEDOUT)
        note_lateness(sc_now() - start - DEADLINE_MS);
    if (rc == 0 && !sc_span_eq(line, mine))
        wrong++;
    return rc;
}

/* --- the tasks --- */

static int64_t *ids;
static long alive;

static void client(void *arg)
{
    SimpleClient *c = NULL;
    int rc = 0;

    (void)arg;
    while (begun < exchanges && rc != SC_ECANCELED) {
        long number = begun++;

        if (c == NULL)
            c = sc_connect(where, 0, NULL);
        rc = exchange(c, number);
        outcomes[outcome_of(rc)]++;
        if (rc < 0) {
            sc_close(c);
            c = NULL;
        }
    }
    sc_close(c);
    alive--;
}

static void start(long i)
{
    ids[i] = sc_task_go(NULL, client, NULL);
    alive++;
}

static long resident_kb(void)
{
    char line[256];
    long kb = 0;
    FILE *f = fopen("/proc/self/status", "r");

    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    if (f != NULL)
        fclose(f);
    return kb;
}

static long early_kb, late_kb;

/* Cancels one now and then and puts another in its place. */
static void meddle(void *arg)
{
    (void)arg;
    while (begun < exchanges) {
        long i = (long)any((unsigned)tasks);

        sc_sleep(10);
        sc_task_cancel(ids[i]);
        sc_task_join(ids[i]);
        start(i);
        if (begun > exchanges / 4 && early_kb == 0)
            early_kb = resident_kb();
        if (begun > exchanges * 9 / 10)
            late_kb = resident_kb();
    }
}

static long descriptors(void)
{
    long n = 0;
    DIR *d = opendir("/proc/self/fd");

    while (d != NULL && readdir(d) != NULL)
        n++;
    if (d != NULL)
        closedir(d);
    return n;
}

static int report(long fds_before)
{
    long sum = 0, left = descriptors() - fds_before;

    for (int i = 0; i <= OTHER; i++) {
        printf("%-10s %ld\n", outcome_name[i], outcomes[i]);
        sum += outcomes[i];
    }
    printf("sum %ld of %ld begun; wrong answers %ld; tasks left %ld\n", sum,
           begun, wrong, alive);
    printf("memory %ld kB at a quarter, %ld kB at nine tenths; "
           "descriptors left %ld\n",
           early_kb, late_kb, left);
    printf("time-outs late by at most %ld ms:", most_late);
    for (int i = 0; i < 64; i++)
        if (late[i])
            printf(" <%d:%ld", 4 * i + 4, late[i]);
    putchar('\n');
    return sum == begun && wrong == 0 && outcomes[OTHER] == 0 && alive == 0 &&
           left <= 0 && late_kb <= early_kb + early_kb / 10;
}

int main(int argc, char **argv)
{
    struct rlimit many = {20000, 20000};
    int64_t started;
    long fds;
    pid_t server;
    int good;

    tasks = argc > 1 ? strtol(argv[1], NULL, 10) : tasks;
    exchanges = argc > 2 ? strtol(argv[2], NULL, 10) : exchanges;
    seed = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : seed;
    setrlimit(RLIMIT_NOFILE, &many);
    if ((server = server_start()) < 0 ||
        (ids = calloc((size_t)tasks, sizeof *ids)) == NULL)
        return 1;
    sc_yield(); /* the loop's own descriptors are not leaks */
    fds = descriptors();
    started = sc_now();
    for (long i = 0; i < tasks; i++)
        start(i);
    sc_task_go(NULL, meddle, NULL);
    sc_run();
    sc_yield();
    good = report(fds);
    printf("%ld tasks, %.1f s: %s\n", tasks, (double)(sc_now() - started) / 1e3,
           good ? "good" : "NOT GOOD");
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    free(ids);
    return !good;
}
