/* chapter6.c - sending mail: one message, a composed one, a batch, and what is
 * known when the connection dies. */
#include "mail_server.h"

#include <simpleclient/smtp.h>

#include <stdio.h>

static const char *const outcomes[] = {"not sent", "sent", "partly sent",
                                       "unknown"};

/* What became of it for each of its recipients. */
static void tell(const struct smtp_message *m, const struct smtp_result *r)
{
    printf("%s:\n", outcomes[r->outcome]);
    for (size_t i = 0; i < r->n; i++)
        printf("  %s: %d %s\n", m->to[i], r->to[i].code, r->to[i].text);
}

/* From, to whom, and the text: that is a message. */
static int send_one(const char *url, struct smtp_result *r)
{
    static const char *const to[] = {"amy@b.example", "nobody@b.example", NULL};
    struct smtp_message m = {.from = "joe@a.example",
                             .to = to,
                             .source.data =
                                 SC_SPAN("Subject: hello\n\nHello, all.\n")};
    int rc = smtp_send(url, &m, r);

    tell(&m, r);
    return rc == SC_EREPLY ? 0 : rc; /* one of them is not known there */
}

/* The composer knows what may stand in a header, and what must be encoded. */
static int send_composed(const char *url, struct smtp_result *r)
{
    static const char *const to[] = {"amy@b.example", NULL};
    struct mail_composer *c = mail_composer_new();
    struct smtp_message m = {.from = "joe@a.example", .to = to};
    int rc;

    mail_set(c, "From", "Joe Q. Public <joe@a.example>");
    mail_set(c, "To", "\"Amy, of b\" <amy@b.example>");
    mail_set(c, "Subject",
             "Gr\xc3\xbc\xc3\x9f"
             "e");
    mail_text(c, "The list is attached.\n");
    mail_attach(c, "/etc/os-release", "list.txt", NULL);
    if ((rc = mail_composed(c, &m.source, &r->error)) == 0)
        rc = smtp_send(url, &m, r);
    mail_composer_free(c);
    if (rc == 0)
        tell(&m, r);
    return rc;
}

static void done(void *arg, const struct smtp_message *m,
                 const struct smtp_result *r)
{
    int *sent = arg;

    *sent += r->outcome == SMTP_SENT;
    if (r->outcome != SMTP_SENT)
        tell(m, r);
}

/* Many messages over one connection, which never waits for a reply before it
 * sends the next. */
static int send_many(const char *url)
{
    static const char *const to[] = {"amy@b.example", NULL};
    struct smtp_message m = {.from = "joe@a.example",
                             .to = to,
                             .source.data =
                                 SC_SPAN("Subject: news\n\nNone.\n")};
    int sent = 0, rc;
    struct smtp_queue *q = smtp_queue_new(url, NULL, done, &sent);

    for (int i = 0; i < 100; i++)
        smtp_queue_add(q, &m); /* kept until done was called for it */
    rc = smtp_queue_free(q);
    printf("%d of 100 sent\n", sent);
    return rc;
}

/* The server hangs up after the final dot. */
static int lose_one(const char *url, struct smtp_result *r)
{
    static const char *const to[] = {"lost@b.example", NULL};
    struct smtp_message m = {.from = "joe@a.example",
                             .to = to,
                             .source.data = SC_SPAN("Subject: x\n\nLost?\n")};
    int rc = smtp_send(url, &m, r);

    tell(&m, r);
    return rc == SC_EUNKNOWN ? 0 : rc;
}

int main(void)
{
    const char *url = mail_server_start();
    struct smtp_result r = {0};
    int rc = send_one(url, &r);

    if (rc == 0)
        rc = send_composed(url, &r);
    if (rc == 0)
        rc = send_many(url);
    if (rc == 0)
        rc = lose_one(url, &r);
    if (rc != 0)
        fprintf(stderr, "chapter6: %s\n", r.error.text);
    smtp_result_free(&r);
    mail_server_stop();
    return rc != 0;
}
