/* send_message.c - the envelope from the options; the message from stdin, which
 * is never held whole, or from the composer. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../term/usage.h"
#include "send_message.h"

enum { TEXT_MOST = 64 << 20 };

static int cannot_read(const char *what, const char *why)
{
    fprintf(stderr, "smtpsend: %s: %s\n", what, why);
    return EXIT_READ;
}

/* --- the envelope --- */

static int add_to(struct send_message *s, const char *address)
{
    char **more = realloc(s->to, (s->n + 2) * sizeof *more);

    if (more == NULL)
        return no_memory();
    s->to = more;
    s->to[s->n + 1] = NULL;
    if ((s->to[s->n] = strdup(address)) == NULL)
        return no_memory();
    s->n++;
    return 0;
}

static int set_from(struct send_message *s, const char *address)
{
    if (s->from != NULL)
        return wrong_use("--from: one address, not several");
    return (s->from = strdup(address)) != NULL ? 0 : no_memory();
}

typedef int (*take_address)(struct send_message *s, const char *address);

/* "a@b" is taken as it is, and checked by the library; "Joe <a@b>, c@d" is a
 * list. */
static int each_address(struct send_message *s, const char *option,
                        const char *text, take_address take)
{
    struct sc_buf one = SC_BUF(1000);
    size_t pos = 0;
    int rc = 0, found = 0;

    if (strpbrk(text, "<,") == NULL)
        return take(s, text);
    while (rc == 0 && (found = mail_next_address(text, &pos, &one)) > 0)
        rc = take(s, one.data);
    sc_buf_free(&one);
    if (rc != 0)
        return rc;
    if (found < 0 || pos == 0)
        return wrong_use("%s: not an address: %s", option, text);
    return 0;
}

int make_envelope(struct send_message *s, const struct send_options *o)
{
    int rc = 0;

    if (o->from != NULL)
        rc = each_address(s, "--from", o->from, set_from);
    for (size_t i = 0; rc == 0 && i < o->to.n; i++)
        rc = each_address(s, "--to", o->to.at[i], add_to);
    s->m.from = s->from;
    s->m.to = (const char *const *)s->to;
    s->m.options = &o->mail.connect;
    return rc;
}

/* --- stdin as it comes --- */

static ssize_t read_stdin(void *arg, void *buf, size_t n)
{
    struct send_message *s = arg;
    ssize_t got;

    while ((got = read(STDIN_FILENO, buf, n)) < 0 && errno == EINTR)
        continue;
    if (got < 0)
        s->failed = -errno;
    return got < 0 ? s->failed : got;
}

/* A file can be looked through beforehand, and sent again. */
static int take_stdin(struct send_message *s)
{
    off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);
    struct stat st;

    s->m.source.read = read_stdin;
    s->m.source.arg = s;
    if (at < 0 || fstat(STDIN_FILENO, &st) < 0 || !S_ISREG(st.st_mode))
        return 0;
    if ((s->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)) < 0)
        return cannot_read("stdin", strerror(errno));
    s->m.source = (struct mail_source){.fd = s->fd, .offset = (uint64_t)at};
    return 0;
}

/* --- composed --- */

static int read_text(struct send_message *s)
{
    char piece[4096];
    ssize_t n;
    int rc;

    s->text.limit = TEXT_MOST;
    rc = sc_buf_add(&s->text, "", 0);
    while (rc == 0 && (n = read_stdin(s, piece, sizeof piece)) > 0)
        rc = sc_buf_add(&s->text, piece, (size_t)n);
    if (s->failed < 0)
        return cannot_read("stdin", strerror(-s->failed));
    if (rc == 0 && memchr(s->text.data, '\0', s->text.len) != NULL)
        return cannot_read("stdin", "NUL in a text");
    return rc == 0 ? 0 : cannot_read("stdin", sc_strerror(rc));
}

/* All recipients are named: there is no Bcc. */
static int set_heads(struct send_message *s, const struct send_options *o)
{
    struct sc_buf to = SC_BUF(1 << 20);
    int rc = sc_buf_add(&to, "", 0);

    for (size_t i = 0; rc == 0 && i < o->to.n; i++)
        rc = sc_buf_addf(&to, "%s%s", i > 0 ? ", " : "", o->to.at[i]);
    if (rc == 0 && (rc = mail_set(s->composer, "From", o->from)) == 0)
        rc = mail_set(s->composer, "To", to.data);
    if (rc == 0 && o->subject != NULL)
        rc = mail_set(s->composer, "Subject", o->subject);
    sc_buf_free(&to);
    return rc;
}

static int compose(struct send_message *s, const struct send_options *o)
{
    struct sc_error e = {0};
    int rc = 0;

    if ((s->composer = mail_composer_new()) == NULL)
        return no_memory();
    if (o->text == NULL && (rc = read_text(s)) != 0)
        return rc;
    set_heads(s, o); /* failures are remembered */
    mail_text(s->composer, o->text != NULL ? o->text : s->text.data);
    for (size_t i = 0; i < o->attach.n; i++)
        if ((rc = mail_attach(s->composer, o->attach.at[i], NULL, NULL)) < 0)
            return cannot_read(o->attach.at[i], sc_strerror(rc));
    rc = mail_composed(s->composer, &s->m.source, &e);
    if (rc == SC_EINVAL)
        return wrong_use("%s", e.text[0] != '\0' ? e.text : sc_strerror(rc));
    return rc < 0 ? cannot_read("the message",
                                e.text[0] != '\0' ? e.text : sc_strerror(rc))
                  : 0;
}

int make_message(struct send_message *s, const struct send_options *o)
{
    int rc = make_envelope(s, o);

    if (rc != 0)
        return rc;
    if (o->subject != NULL || o->text != NULL || o->attach.n > 0)
        return compose(s, o);
    return take_stdin(s);
}

void free_message(struct send_message *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->to[i]);
    free(s->to);
    free(s->from);
    mail_composer_free(s->composer);
    sc_buf_free(&s->text);
    if (s->fd > 0)
        close(s->fd);
}
