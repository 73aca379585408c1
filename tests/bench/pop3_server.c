/* pop3_server.c - bench_pop3_server COUNT SIZE [plain] - a fast POP3 server whose
 * every mailbox has COUNT messages of SIZE bytes, all of the same text; without
 * "plain" it offers PIPELINING. Any login is good; DELE and QUIT remove nothing.
 * Prints "port N"; at SIGTERM what it counted, as JSON. One thread, one epoll
 * loop; it believes what its clients say: not for other use. */
#include "kit.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <netinet/in.h>
#include <unistd.h>

enum { IN_SIZE = 16 << 10, PARTS = 512, AT_ONCE = 64, LARGE = 1 << 20 };

/* Text to send so many times. */
struct part {
    const char *p;
    size_t n;
    uint64_t times;
};

struct conn {
    int fd;
    bool over, blocked;
    size_t have; /* of IN */
    char in[IN_SIZE];
    size_t first, parts; /* a ring */
    size_t sent;         /* of the first part */
    struct part part[PARTS];
};

/* What all mailboxes hold, as it goes out. */
static struct {
    struct part ok, no, capa, stat, list, uidl, head, text[3], dot;
    uint64_t messages;
} box;
static struct {
    unsigned long long connections, retr, top, uidl, dele, reads;
} counts;
static volatile sig_atomic_t stopped;
static int ep;

/* --- what goes out --- */

static struct part part_of(const char *text)
{
    return (struct part){text, strlen(text), 1};
}

static void add(struct conn *c, struct part part)
{
    if (part.n > 0 && part.times > 0)
        c->part[(c->first + c->parts++) % PARTS] = part;
}

/* At most AT_ONCE pieces of what is to go. */
static int gather(const struct conn *c, struct iovec *v)
{
    size_t skip = c->sent;
    int n = 0;

    for (size_t i = 0; i < c->parts && n < AT_ONCE; i++) {
        const struct part *p = &c->part[(c->first + i) % PARTS];

        for (uint64_t t = 0; t < p->times && n < AT_ONCE; t++, skip = 0)
            v[n++] = (struct iovec){(char *)p->p + skip, p->n - skip};
    }
    return n;
}

static void went(struct conn *c, size_t n)
{
    while (n > 0) {
        struct part *p = &c->part[c->first];
        size_t left = p->n - c->sent;

        if (n < left) {
            c->sent += n;
            return;
        }
        n -= left;
        c->sent = 0;
        if (--p->times == 0) {
            c->first = (c->first + 1) % PARTS;
            c->parts--;
        }
    }
}

/* Until all is gone or the socket is full. */
static void leave(struct conn *c)
{
    struct iovec v[AT_ONCE];
    struct msghdr m = {.msg_iov = v};
    ssize_t n;

    c->blocked = false;
    while (c->parts > 0 && !c->blocked && !c->over) {
        m.msg_iovlen = (size_t)gather(c, v);
        if ((n = sendmsg(c->fd, &m, MSG_NOSIGNAL)) >= 0)
            went(c, (size_t)n);
        else if (errno == EAGAIN)
            c->blocked = true;
        else
            c->over = true;
    }
}

/* --- commands --- */

static uint64_t number_of(const char *line)
{
    return strtoull(line, NULL, 10);
}

static void retr(struct conn *c, uint64_t number)
{
    if (number == 0 || number > box.messages) {
        add(c, box.no);
        return;
    }
    counts.retr++;
    for (int i = 0; i < 3; i++)
        add(c, box.text[i]);
}

static void top(struct conn *c, uint64_t number)
{
    if (number == 0 || number > box.messages) {
        add(c, box.no);
        return;
    }
    counts.top++;
    add(c, box.head);
    add(c, box.dot);
}

/* Into PART: what does not ask for a message. */
static struct part plain_answer(const char *line)
{
    static const char *const known[] = {"USER", "PASS", "NOOP",
                                        "DELE", "RSET", "QUIT"};

    if (memcmp(line, "UIDL", 4) == 0)
        counts.uidl++;
    if (memcmp(line, "CAPA", 4) == 0)
        return box.capa;
    if (memcmp(line, "STAT", 4) == 0)
        return box.stat;
    if (memcmp(line, "LIST", 4) == 0)
        return box.list;
    if (memcmp(line, "UIDL", 4) == 0)
        return box.uidl;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (memcmp(line, known[i], 4) == 0)
            return box.ok;
    return box.no;
}

/* LINE ends before its LF, and holds four bytes at least. */
static void command(struct conn *c, const char *line)
{
    if (memcmp(line, "RETR", 4) == 0)
        retr(c, number_of(line + 4));
    else if (memcmp(line, "TOP ", 4) == 0)
        top(c, number_of(line + 4));
    else
        add(c, plain_answer(line));
    counts.dele += memcmp(line, "DELE", 4) == 0;
    if (memcmp(line, "QUIT", 4) == 0) {
        leave(c);
        c->over = true;
    }
}

/* While there is room for the three parts of an answer. */
static void obey(struct conn *c)
{
    char *p = c->in, *end = p + c->have, *lf;

    while (!c->over && c->parts < PARTS - 3 &&
           (lf = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        if (lf - p >= 4)
            command(c, p);
        p = lf + 1;
    }
    c->have = (size_t)(end - p);
    memmove(c->in, p, c->have);
}

static void turn(struct conn *c)
{
    bool could = !c->blocked;
    ssize_t n = 1;

    if (could) {
        n = recv(c->fd, c->in + c->have, IN_SIZE - c->have, 0);
        counts.reads++;
        if (n > 0)
            c->have += (size_t)n;
        else
            c->over = n == 0 || errno != EAGAIN;
    }
    do {
        leave(c);
        obey(c);
    } while (c->parts > 0 && !c->blocked && !c->over);
    if (could == c->blocked && !c->over) {
        struct epoll_event e = {.events = c->blocked ? EPOLLOUT : EPOLLIN,
                                .data.ptr = c};

        epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
    }
}

/* --- the mailbox --- */

static FILE *text_file(char **p, size_t *n)
{
    FILE *f = open_memstream(p, n);

    if (f == NULL)
        bench_die("open_memstream");
    return f;
}

static struct part listing(uint64_t size, bool uids)
{
    struct part part = {.times = 1};
    char *p;
    FILE *f = text_file(&p, &part.n);

    fprintf(f, "+OK\r\n");
    for (uint64_t i = 1; i <= box.messages; i++)
        if (uids)
            fprintf(f, "%llu UID%016llx\r\n", (unsigned long long)i,
                    (unsigned long long)i * 2654435761u);
        else
            fprintf(f, "%llu %llu\r\n", (unsigned long long)i,
                    (unsigned long long)size);
    fprintf(f, ".\r\n");
    fclose(f);
    part.p = p;
    return part;
}

/* A text of N bytes that ends in CRLF, with BEFORE and AFTER around it and its
 * dots doubled. */
static struct part stuffed(const char *before, const char *text, size_t n,
                           const char *after)
{
    struct part part = {.times = 1};
    const char *end = text + n, *lf;
    char *p;
    FILE *f = text_file(&p, &part.n);

    fputs(before, f);
    for (; text < end; text = lf + 1) {
        lf = memchr(text, '\n', (size_t)(end - text));
        if (*text == '.')
            fputc('.', f);
        fwrite(text, 1, (size_t)(lf + 1 - text), f);
    }
    fputs(after, f);
    fclose(f);
    part.p = p;
    return part;
}

/* A large message is a megabyte of lines, again and again. */
static uint64_t fill(uint64_t size)
{
    size_t one = size > LARGE ? LARGE : (size_t)size;
    const char *mail = bench_mail(one);
    size_t head = (size_t)(strstr(mail, "\r\n\r\n") + 4 - mail);

    box.head = stuffed("+OK\r\n", mail, head, "");
    box.text[0] = stuffed("+OK\r\n", mail, one, size > LARGE ? "" : ".\r\n");
    if (size <= LARGE)
        return size;
    box.text[1] = stuffed("", mail + head, one - head, "");
    box.text[1].times = (size - one) / (one - head);
    box.text[2] = box.dot;
    return one + box.text[1].times * (one - head);
}

static void make_box(uint64_t messages, uint64_t size, bool plain)
{
    static char stat[64];

    box.messages = messages;
    box.ok = part_of("+OK\r\n");
    box.no = part_of("-ERR no\r\n");
    box.dot = part_of(".\r\n");
    box.capa = part_of(plain ? "+OK\r\nUSER\r\nUIDL\r\nTOP\r\n.\r\n"
                             : "+OK\r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\n"
                               ".\r\n");
    size = fill(size);
    snprintf(stat, sizeof stat, "+OK %llu %llu\r\n",
             (unsigned long long)messages,
             (unsigned long long)(messages * size));
    box.stat = part_of(stat);
    box.list = listing(size, false);
    box.uidl = listing(size, true);
}

/* --- the loop --- */

static void welcome(int listener)
{
    struct epoll_event e = {.events = EPOLLIN};
    int one = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    struct conn *c;

    if (fd < 0)
        return;
    if ((c = calloc(1, sizeof *c)) == NULL)
        bench_die("calloc");
    c->fd = fd;
    e.data.ptr = c;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) < 0)
        bench_die("epoll_ctl");
    counts.connections++;
    add(c, box.ok);
    leave(c);
}

static void serve(int listener)
{
    struct epoll_event got[256], e = {.events = EPOLLIN};

    ep = epoll_create1(0);
    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
    while (!stopped) {
        int n = epoll_wait(ep, got, 256, -1);

        for (int i = 0; i < n; i++) {
            struct conn *c = got[i].data.ptr;

            if (c == NULL) {
                welcome(listener);
                continue;
            }
            turn(c);
            if (c->over) {
                close(c->fd);
                free(c);
            }
        }
    }
}

static void on_term(int sig)
{
    (void)sig;
    stopped = 1;
}

int main(int argc, char **argv)
{
    struct sigaction act = {.sa_handler = on_term};

    if (argc < 3) {
        fprintf(stderr, "usage: %s COUNT SIZE [plain]\n", argv[0]);
        return 2;
    }
    sigaction(SIGTERM, &act, NULL);
    make_box(number_of(argv[1]), number_of(argv[2]), argc > 3);
    serve(bench_listen());
    printf("{\"connections\":%llu,\"retr\":%llu,\"top\":%llu,\"uidl\":%llu,"
           "\"dele\":%llu,\"reads\":%llu}\n",
           counts.connections, counts.retr, counts.top, counts.uidl,
           counts.dele, counts.reads);
    return 0;
}
