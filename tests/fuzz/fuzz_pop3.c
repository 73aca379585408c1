/* fuzz_pop3.c - any bytes as lines of LIST and UIDL, whole and in pieces, as all
 * that a server says, and as a state file. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "fuzz_class.h"
#include "pop3/pop3_box.h"
#include "pop3/pop3_client.h"
#include "pop3/pop3_state.h"

struct seen {
    uint64_t lines, sum;
};

static int see_size(void *arg, uint32_t number, uint64_t size)
{
    struct seen *s = arg;

    if (number == 0)
        abort();
    s->lines++;
    s->sum = s->sum * 31 + number + size;
    return 0;
}

static int see_uid(void *arg, uint32_t number, const char *uid)
{
    struct seen *s = arg;
    size_t n = strlen(uid);

    if (number == 0 || n < 1 || n > 70)
        abort();
    for (; *uid; uid++) {
        if (*uid < 0x21 || *uid > 0x7e)
            abort();
        s->sum = s->sum * 31 + (unsigned char)*uid;
    }
    s->lines++;
    return 0;
}

static int read_lines(const uint8_t *data, size_t n, size_t piece, bool uids,
                      struct seen *seen)
{
    struct pop3_lines l = {.line = uids ? pop3_uid_line : pop3_size_line,
                           .arg = seen};
    int rc = 0;

    if (uids)
        l.to.uid = see_uid;
    else
        l.to.size = see_size;
    for (size_t at = 0; at < n && rc >= 0; at += piece) {
        size_t len = n - at < piece ? n - at : piece;
        uint8_t *copy = malloc(len); /* a byte behind it is a bug */

        if (copy == NULL)
            return rc;
        memcpy(copy, data + at, len);
        rc = pop3_lines_sink(&l, copy, len);
        free(copy);
    }
    return rc;
}

/* A line without an end that is too long is seen at other times in pieces. */
static void check_lines(const uint8_t *data, size_t n, bool uids)
{
    struct seen whole = {0}, pieces = {0};
    int a = read_lines(data, n, SIZE_MAX, uids, &whole);
    int b = read_lines(data, n, 3, uids, &pieces);

    if (a >= 0 &&
        (b < 0 || whole.lines != pieces.lines || whole.sum != pieces.sum))
        if (n < POP3_LISTED_MOST)
            abort();
}

/* Everything that the server may say. */
static void talk(const uint8_t *data, size_t n, size_t piece)
{
    static const struct sc_options options = {.line_limit = 128,
                                              .reply_limit = 512,
                                              .user = "joe",
                                              .password = "secret",
                                              .flags = SC_OPT_PLAIN_LOGIN};
    struct fuzz_stream *f = sc_stream_new(&fuzz_class);
    struct seen seen = {0};
    uint32_t messages;
    uint64_t bytes;
    char uid[71];
    POP3Client *p;

    if (f == NULL)
        return;
    f->data = data;
    f->n = n;
    f->piece = piece;
    p = sc_attach(&pop3_class, &f->base, &options);
    pop3_stat(p, &messages, &bytes);
    pop3_list(p, see_size, &seen);
    pop3_uidl(p, see_uid, &seen);
    pop3_uidl_one(p, 1, uid);
    pop3_retr(p, 1, sc_null_sink, NULL);
    if (strlen(pop3_capabilities(p)->sasl) >= 512)
        abort();
    sc_drop(pop3_base(p));
}

/* --- a mailbox's lists --- */

/* A sum over what is in it. */
static uint64_t check_box(const struct pop3_box *b)
{
    uint64_t sum = b->n;

    for (size_t i = 0; i < b->n; i++) {
        struct pop3_message m = pop3_box_message(b, &b->item[i]);

        if (m.number == 0 || (i > 0 && b->item[i - 1].number >= m.number) ||
            b->item[i].uid >= b->uids.len || strlen(m.uid) > 70)
            abort();
        sum = (sum * 31 + m.number) * 31 + m.size;
        for (const char *u = m.uid; *u; u++)
            sum = sum * 31 + (unsigned char)*u;
    }
    return sum;
}

/* DATA answers LIST and UIDL; returns a sum, or 0 after an error. */
static uint64_t list(const uint8_t *data, size_t n, size_t piece)
{
    static const char head[] = "+OK\r\n+OK\r\nPIPELINING\r\nUIDL\r\n.\r\n";
    struct fuzz_stream *f = sc_stream_new(&fuzz_class);
    size_t total = n + sizeof head - 1;
    uint8_t *all = malloc(total);
    struct pop3_box b = {.n = 0};
    uint64_t sum = 0;
    POP3Client *p;

    if (f == NULL || all == NULL)
        abort();
    memcpy(all, head, sizeof head - 1);
    if (n > 0)
        memcpy(all + sizeof head - 1, data, n);
    f->data = all;
    f->n = total;
    f->piece = piece;
    p = sc_attach(&pop3_class, &f->base, NULL);
    if (pop3_box_read(&b, p) == 0)
        sum = check_box(&b) + 1;
    pop3_box_free(&b);
    sc_drop(pop3_base(p));
    free(all);
    return sum;
}

/* --- the state file --- */

static char folder[40], state_file[48];

static void remove_all(void)
{
    static const char *const ends[] = {"", ".lock", ".new"};
    char path[60];

    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", state_file, ends[i]);
        unlink(path);
    }
    rmdir(folder);
}

/* In memory where there is such a place. */
static const char *state_path(void)
{
    if (folder[0] != '\0')
        return state_file;
    snprintf(folder, sizeof folder, "/dev/shm/fuzz_pop3.XXXXXX");
    if (mkdtemp(folder) == NULL) {
        snprintf(folder, sizeof folder, "/tmp/fuzz_pop3.XXXXXX");
        if (mkdtemp(folder) == NULL)
            abort();
    }
    snprintf(state_file, sizeof state_file, "%s/s", folder);
    atexit(remove_all);
    return state_file;
}

/* What the lines "+ UID" and "- UID" name is known, once for each. */
static void know_all(struct pop3_state *s, const uint8_t *data, size_t n)
{
    const uint8_t *lf;
    char uid[71];
    size_t len;

    for (; (lf = memchr(data, '\n', n)) != NULL; data = lf + 1) {
        len = (size_t)(lf - data);
        n -= len + 1;
        if (len < 3 || len > 72 || (*data != '+' && *data != '-'))
            continue;
        memcpy(uid, data + 2, len - 2);
        uid[len - 2] = '\0';
        if (!pop3_state_knows(s, uid))
            abort();
    }
}

/* What could be read is the same when it was written and read again. */
static void keep(const uint8_t *data, size_t n)
{
    static const char title[] = "pop3 state 1 j@h\n";
    int fd = open(state_path(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bool titled = n > 0 && *data & 1;
    struct pop3_state *s;

    if (fd < 0 || (titled && write(fd, title, sizeof title - 1) < 0) ||
        write(fd, data, n) != (ssize_t)n)
        abort();
    close(fd);
    s = pop3_state_open(state_path(), "j@h", NULL);
    if (titled && s != NULL) {
        know_all(s, data, n);
        if (pop3_state_end(s, NULL) < 0)
            abort();
        pop3_state_close(s);
        if ((s = pop3_state_open(state_path(), "j@h", NULL)) == NULL)
            abort();
        know_all(s, data, n);
    }
    pop3_state_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    check_lines(data, n, false);
    check_lines(data, n, true);
    talk(data, n, SIZE_MAX);
    talk(data, n, 1);
    if (list(data, n, SIZE_MAX) != list(data, n, 1))
        abort();
    keep(data, n);
    return 0;
}
