/* peer_etpan.c - peer_etpan JOB HOST PORT COUNT ... - the mail jobs by libetpan's
 * own functions, one session. S1, S2 and S3. */
#include "kit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <libetpan/mailsmtp.h>

static void must(const char *what, int rc)
{
    if (rc == MAILSMTP_NO_ERROR)
        return;
    fprintf(stderr, "peer_etpan: %s: %d\n", what, rc);
    exit(1);
}

/* It takes a message only as a whole, in memory. */
static char *map_file(const struct bench_args *a)
{
    int fd = a->file != NULL ? open(a->file, O_RDONLY | O_CLOEXEC) : -1;
    char *text = mmap(NULL, a->count, PROT_READ, MAP_SHARED, fd, 0);

    if (text == MAP_FAILED)
        bench_die("BENCH_FILE");
    return text;
}

static void send_one(mailsmtp *s, const struct bench_args *a, const char *text,
                     size_t size)
{
    char to[64];

    must("MAIL", mailesmtp_mail(s, "sender@bench.example", 0, NULL));
    for (int i = 0; i < a->conns; i++) {
        snprintf(to, sizeof to, "rcpt%d@bench.example", i);
        must("RCPT", mailesmtp_rcpt(s, to, 0, NULL));
    }
    must("DATA", mailsmtp_data(s));
    must("the text", mailsmtp_data_message(s, text, size));
}

int main(int argc, char **argv)
{
    struct bench_args a;
    mailsmtp *s;
    size_t size;
    uint64_t n;
    char *text;
    bool file;

    bench_args(argc, argv, &a);
    file = bench_one_body(a.job);
    size = file ? a.count : a.size;
    text = file ? map_file(&a) : bench_mail(size);
    n = file ? 1 : a.count;
    bench_start();
    if ((s = mailsmtp_new(0, NULL)) == NULL)
        bench_die("mailsmtp_new");
    must("connect", mailsmtp_socket_connect(s, a.host, (uint16_t)a.port));
    must("EHLO", mailesmtp_ehlo(s));
    for (uint64_t i = 0; i < n; i++)
        send_one(s, &a, text, size);
    must("QUIT", mailsmtp_quit(s));
    bench_stop(&a, "libetpan", n, n * size);
    mailsmtp_free(s);
    return 0;
}
