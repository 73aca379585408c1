/* other_code.c - failures of FTP, mail, files and the rest as curl's exit codes:
 * the command that was refused tells them apart. */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "fetch/failure.h"
#include "fetch/other.h"

/* --- what curl tells apart by its words --- */

static const struct {
    int code; /* 0: any */
    const char *words;
    int exit_code;
} by_words[] = {
    {SC_ENOTSUP, "unknown scheme", 1},
    {SC_EINVAL, "it ends before that", 36},
    {SC_ENOTSUP, "from the beginning", 33},
    {SC_ENOTSUP, "nothing can be stored", 25},
    {SC_ENOTSUP, "has no lists", 25},
    {SC_EPROTO, "EPSV: no port", 13},
    {SC_EPROTO, "PASV: no port", 14},
    {SC_ETLS, "TLS is required", 64},
};

static int of_words(const struct sc_error *e)
{
    for (size_t i = 0; i < sizeof by_words / sizeof by_words[0]; i++)
        if ((by_words[i].code == 0 || by_words[i].code == e->code) &&
            strstr(e->text, by_words[i].words) != NULL)
            return by_words[i].exit_code;
    return 0;
}

/* --- FTP --- */

static const struct {
    const char *verb;
    int exit_code;
} of_verb[] = {
    {"AUTH", 64}, {"PBSZ", 64}, {"PROT", 64}, {"USER", 67}, {"PASS", 67},
    {"***", 67},  {"ACCT", 11}, {"CWD", 9},   {"MKD", 9},   {"TYPE", 17},
    {"EPSV", 13}, {"PASV", 13}, {"EPRT", 30}, {"PORT", 30}, {"REST", 31},
    {"LIST", 19}, {"NLST", 19}, {"RETR", 19}, {"STOR", 25}, {"APPE", 25},
};

static bool was_quoted(const struct other *o)
{
    const struct text_list *q = &o->t->job.config->quotes;

    for (size_t i = 0; i < q->n; i++) {
        const char *p = q->at[i];

        p += *p == '-' || *p == '+';
        p += *p == '*';
        if (strcmp(p, o->t->dialogue.said) == 0)
            return true;
    }
    return false;
}

static int of_ftp_refusal(const struct other *o, const struct sc_error *e)
{
    const struct dialogue *d = &o->t->dialogue;
    const char *other_verb = o->t->job.config->ftp_alternative;

    if (e->status == 421) /* "service timed out", says curl of any of them */
        return 28;
    if (d->said[0] == '\0')
        return 8; /* the greeting */
    if (d->said[0] == '*' && d->before == 332)
        return 11; /* ACCT */
    if (was_quoted(o))
        return 21;
    if (other_verb != NULL && strcmp(other_verb, d->said) == 0)
        return 67;
    if (d->begun) /* 150 came, but no 226 */
        return e->status == 552 ? 70 : 18;
    if (dialogue_said(d, "RETR") && e->status == 550)
        return 78;
    for (size_t i = 0; i < sizeof of_verb / sizeof of_verb[0]; i++)
        if (dialogue_said(d, of_verb[i].verb))
            return of_verb[i].exit_code;
    return 8;
}

static int of_ftp(const struct other *o, const struct sc_error *e)
{
    const struct dialogue *d = &o->t->dialogue;
    const bool active = o->ftp.flags & FTP_ACTIVE;
    const bool data = strstr(e->text, "data connection: ") != NULL;

    if (e->code == SC_EREPLY)
        return of_ftp_refusal(o, e);
    if (e->code == SC_EPLAINTEXT) /* said before TLS, or not to be said */
        return dialogue_said(d, "AUTH") ? 8 : 67;
    if (e->code == SC_EPROTO && d->answer == 332)
        return 67; /* an account is wanted, and none was named */
    if (data && active && e->code == SC_ETIMEDOUT)
        return 12;
    if (active && (data || e->code == SC_EINVAL || e->code == SC_ENOTSUP))
        return 30;
    return 0;
}

/* --- mail and news --- */

static bool is_login(const struct dialogue *d)
{
    return d->said[0] == '*' || dialogue_said(d, "AUTH") ||
           dialogue_said(d, "AUTHINFO") || dialogue_said(d, "USER") ||
           dialogue_said(d, "APOP") || dialogue_said(d, "PASS");
}

static int of_smtp_refusal(const struct dialogue *d)
{
    if (dialogue_said(d, "EHLO") || dialogue_said(d, "HELO") ||
        dialogue_said(d, "LHLO"))
        return 9;
    if (dialogue_said(d, "MAIL") || dialogue_said(d, "RCPT") ||
        dialogue_said(d, "DATA") || dialogue_said(d, "BDAT"))
        return 55;
    return 8;
}

static int of_dialogue(const struct other *o, const struct sc_error *e)
{
    const struct dialogue *d = &o->t->dialogue;

    if (e->code == SC_ENOTSUP) /* no mechanism in common */
        return e->phase == SC_PHASE_GREET || is_login(d) ? 67 : 0;
    if (e->code == SC_EPLAINTEXT)
        return dialogue_said(d, "STARTTLS") || dialogue_said(d, "STLS") ? 8
                                                                        : 67;
    if (e->code != SC_EREPLY || d->said[0] == '\0')
        return e->code == SC_EREPLY ? 8 : 0;
    if (dialogue_said(d, "STARTTLS") || dialogue_said(d, "STLS"))
        return 64;
    if (is_login(d))
        return 67;
    if (other_is(o, "smtp") || other_is(o, "lmtp"))
        return of_smtp_refusal(d);
    if (other_is(o, "nntp") || other_is(o, "news"))
        return 78;
    return 8;
}

/* --- files --- */

static int of_file(const struct other *o, const struct sc_error *e)
{
    if (e->code == SC_EURL || e->code == SC_ECANCELED || e->code == SC_ENOMEM)
        return 0;
    return o->t->job.upload != NULL ? 23 : 37;
}

int other_code(const struct other *o, const struct sc_error *e)
{
    int code = of_words(e);

    if (e->flags & SC_FROM_PROXY)
        return failure_code(e);
    if (code == 0 && other_is(o, "ftp"))
        code = of_ftp(o, e);
    else if (code == 0 && strcmp(o->scheme, "file") == 0)
        code = of_file(o, e);
    if (code == 0 && !other_is(o, "ftp"))
        code = of_dialogue(o, e);
    if (code == 0 && e->code == SC_EOF)
        code = 56;
    if (code == 0 && e->code == SC_ESHORT)
        code = 18;
    return code != 0 ? code : failure_code(e);
}

int other_fails(struct other *o, const struct sc_error *e)
{
    struct transfer *t = o->t;

    if (t->out.error[0] != '\0') {
        snprintf(t->error, sizeof t->error, "%s", t->out.error);
        return t->stop != 0 ? t->stop : t->out.code;
    }
    if (t->stop != 0)
        return t->stop;
    t->told = e->code == SC_ECANCELED; /* --fail-early: another one failed */
    snprintf(t->error, sizeof t->error, "%s",
             e->text[0] != '\0' ? e->text : sc_strerror(e->code));
    return other_code(o, e);
}
