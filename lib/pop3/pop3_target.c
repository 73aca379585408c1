/* pop3_target.c - where fetched messages go: the caller's functions, a Maildir,
 * an mbox, a command. */

#include <string.h>

#include "pop3/pop3_box.h"
#include "sasl/digest.h"

/* A variable of a shell that was not set, perhaps. */
static bool is_blank(const char *s)
{
    return s != NULL && s[strspn(s, " \t\n")] == '\0';
}

int pop3_target_check(const struct pop3_fetch *how)
{
    bool blank = is_blank(how->maildir) || is_blank(how->mbox) ||
                 is_blank(how->command) || is_blank(how->state);
    int places = (how->sink != NULL) + (how->maildir != NULL) +
                 (how->mbox != NULL) + (how->command != NULL);

    return places == 1 && !blank ? 0 : SC_EINVAL;
}

int pop3_mark(const char *account, const char *uid, char mark[33])
{
    unsigned char out[SC_DIGEST_MAX];
    struct sc_digest *d = sc_digest_new(SC_DIGEST_SHA256, NULL);
    int rc = SC_ENOMEM;

    if (d != NULL &&
        (rc = sc_digest_add(d, account, strlen(account) + 1)) >= 0 &&
        (rc = sc_digest_add(d, uid, strlen(uid))) >= 0)
        rc = sc_digest_end(d, out);
    sc_digest_free(d);
    if (rc >= 0)
        sc_hex(mark, out, 16);
    return rc < 0 ? rc : 0;
}

static struct mail_store *open_maildir(const struct pop3_target *t,
                                       const char *uid, struct sc_error *err)
{
    char mark[33];
    int rc;

    /* A header that is found later must not pass for the message. */
    if (*uid == '\0' || (t->how->flags & POP3_HEADERS))
        return mail_maildir_begin(t->how->maildir, err);
    if ((rc = pop3_mark(t->account, uid, mark)) < 0) {
        sc_error_set(err, rc, "%s", sc_strerror(rc));
        return NULL;
    }
    return mail_maildir_begin_marked(t->how->maildir, mark, err);
}

static int own(int rc, struct sc_error *err)
{
    if (rc >= 0)
        return 0;
    return sc_error_set(err, rc, "the message was not taken: %s",
                        sc_strerror(rc));
}

int pop3_target_begin(struct pop3_target *t, const struct pop3_message *m,
                      struct sc_error *err)
{
    const struct pop3_fetch *how = t->how;
    int rc;

    if (how->sink != NULL) {
        rc = how->begin != NULL ? how->begin(how->arg, m) : 0;
        t->begun = rc >= 0;
        return own(rc, err);
    }
    if (how->maildir != NULL)
        t->store = open_maildir(t, m->uid, err);
    else if (how->mbox != NULL)
        t->store = mail_mbox_begin(how->mbox, NULL, err);
    else
        t->store = mail_command_begin(how->command, err);
    t->begun = t->store != NULL;
    return t->begun ? 0 : err->code;
}

int pop3_target_sink(struct pop3_target *t, const void *p, size_t n,
                     struct sc_error *err)
{
    int rc;

    if (t->store == NULL)
        return own(t->how->sink(t->how->arg, p, n), err);
    if ((rc = mail_store_sink(t->store, p, n)) < 0) {
        mail_store_finish(t->store, err); /* which tells why */
        t->store = NULL;
        t->begun = false;
    }
    return rc;
}

int pop3_target_end(struct pop3_target *t, const struct pop3_message *m,
                    struct sc_error *err)
{
    struct mail_store *s = t->store;

    t->begun = false;
    t->store = NULL;
    if (s != NULL && t->how->maildir != NULL) {
        t->held[t->nheld++] = s;
        return 0;
    }
    if (s != NULL)
        return mail_store_finish(s, err);
    return own(t->how->end != NULL ? t->how->end(t->how->arg, m, 0) : 0, err);
}

/* One wait for the disk instead of two for each of them. */
size_t pop3_target_flush(struct pop3_target *t, struct sc_error *err)
{
    size_t n = t->nheld;

    t->nheld = 0;
    return mail_maildir_finish_all(t->held, n, err);
}

void pop3_target_cut(struct pop3_target *t, const struct pop3_message *m,
                     int rc)
{
    if (!t->begun)
        return;
    t->begun = false;
    if (t->store != NULL)
        mail_store_abandon(t->store);
    else if (t->how->end != NULL)
        t->how->end(t->how->arg, m, rc);
    t->store = NULL;
}
