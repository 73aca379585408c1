/* chapter7.c - fetching mail: looking at a mailbox, reading what is new, moving
 * all of it to a place of one's own. */
#include "pop_server.h"

#include <simpleclient/pop3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_first_line(const struct sc_buf *text)
{
    if (text->len > 0) /* a message may be empty */
        printf("  %.*s\n", (int)strcspn(text->data, "\r"), text->data);
}

/* What is there? A command each, and nothing changes. */
static int look(const char *url)
{
    POP3Client *p = pop3_open(url, NULL);
    struct sc_buf head = SC_BUF(65536);
    uint32_t messages = 0;
    uint64_t bytes = 0;
    int rc = pop3_stat(p, &messages, &bytes); /* if open failed, its error */

    if (rc == 0)
        printf("%u messages, %u bytes\n", messages, (unsigned)bytes);
    for (uint32_t i = 1; rc == 0 && i <= messages; i++, head.len = 0)
        if ((rc = pop3_top(p, i, 0, sc_buf_sink, &head)) == 0)
            print_first_line(&head);
    if (rc < 0)
        fprintf(stderr, "%s\n", sc_last_error(pop3_base(p))->text);
    sc_buf_free(&head);
    pop3_close(p);
    return rc;
}

/* A message begins, its bytes come, it ends. */
static int begin(void *arg, const struct pop3_message *m)
{
    struct sc_buf *text = arg;

    (void)m;
    text->len = 0;
    return 0;
}

static int end(void *arg, const struct pop3_message *m, int rc)
{
    (void)m;
    if (rc < 0)
        return rc; /* it was cut: what came is worth nothing */
    print_first_line(arg);
    return 0; /* it is safe, says this: it may be deleted */
}

/* The file STATE knows what earlier calls have read. */
static int read_new(const char *url, const char *state, struct pop3_result *r)
{
    struct sc_buf text = SC_BUF(1 << 20);
    struct pop3_fetch how = {.begin = begin,
                             .sink = sc_buf_sink,
                             .end = end,
                             .arg = &text,
                             .state = state,
                             .flags = POP3_KEEP};
    int rc = pop3_fetch(url, &how, r);

    printf("%u read, %u known\n", (unsigned)r->fetched, (unsigned)r->skipped);
    sc_buf_free(&text);
    return rc;
}

/* What is stored, and only that, is deleted. */
static int move(const char *url, const char *mbox, struct pop3_result *r)
{
    struct pop3_fetch how = {.mbox = mbox};
    int rc = pop3_fetch(url, &how, r);

    printf("%u stored, %u deleted\n", (unsigned)r->fetched,
           (unsigned)r->deleted);
    return rc;
}

static int all(const char *url, const char *folder, struct pop3_result *r)
{
    char state[80], mbox[80];
    int rc;

    snprintf(state, sizeof state, "%s/state", folder);
    snprintf(mbox, sizeof mbox, "%s/mbox", folder);
    if ((rc = look(url)) == 0 && (rc = read_new(url, state, r)) == 0 &&
        (rc = read_new(url, state, r)) == 0 && (rc = move(url, mbox, r)) == 0)
        rc = look(url);
    unlink(mbox);
    unlink(state);
    snprintf(state, sizeof state, "%s/state.lock", folder);
    unlink(state);
    return rc;
}

int main(void)
{
    char folder[] = "/tmp/chapter7-XXXXXX";
    const char *url = pop_server_start();
    struct pop3_result r = {0};
    int rc = SC_EINVAL;

    if (url != NULL && mkdtemp(folder) != NULL) {
        rc = all(url, folder, &r);
        rmdir(folder);
    }
    if (rc != 0)
        fprintf(stderr, "chapter7: %s\n", r.error.text);
    pop3_result_free(&r);
    pop_server_stop();
    return rc != 0;
}
