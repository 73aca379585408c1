/* send_options.c - the command line of smtpsend: a table of options, from which
 * the help is printed, too. */

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simpleclient/uri.h>

#include "send_options.h"

enum kind {
    KIND_BOOL,   /* a bool at OFFSET */
    KIND_STRING, /* a const char * at OFFSET */
    KIND_WORDS,  /* one more of them */
    KIND_FLAG,   /* BIT of the library's flags */
    KIND_SERVER,
    KIND_TLS,
    KIND_STARTTLS,
    KIND_TIMEOUT,
    KIND_STAGE,
    KIND_USER,
    KIND_NETRC,
    KIND_INSECURE
};

struct option_row {
    const char *name;
    char letter;
    int kind; /* enum kind */
    size_t offset;
    unsigned bit;
    const char *value; /* how it is called, NULL: none */
    const char *help;
};

#define AT(field) offsetof(struct send_options, field)

static const struct option_row table[] = {
    {"server", 's', KIND_SERVER, 0, 0, "URL",
     "smtp://, smtps:// or lmtp://[USER@]HOST[:PORT], or a socket's path"},
    {"from", 'f', KIND_STRING, AT(from), 0, "ADDRESS",
     "sender; \"\" is the null sender"},
    {"to", 't', KIND_WORDS, AT(to), 0, "ADDRESS", "recipient; several may be"},
    {"subject", 0, KIND_STRING, AT(subject), 0, "TEXT",
     "compose a message, with this subject"},
    {"text", 0, KIND_STRING, AT(text), 0, "TEXT",
     "and this text (without it: stdin)"},
    {"attach", 'a', KIND_WORDS, AT(attach), 0, "FILE",
     "and this file; several may be"},
    {"tls", 0, KIND_TLS, 0, 0, "WHEN",
     "never, may (if offered), must, implicit (from the first byte)"},
    {"starttls", 0, KIND_STARTTLS, 0, 0, NULL, "the same as --tls must"},
    {"cacert", 0, KIND_STRING, AT(connect.tls.ca_file), 0, "FILE",
     "trust these certificates"},
    {"cert", 0, KIND_STRING, AT(connect.tls.cert), 0, "FILE",
     "own certificate (PEM)"},
    {"key", 0, KIND_STRING, AT(connect.tls.key), 0, "FILE", "its key"},
    {"insecure", 'k', KIND_INSECURE, 0, 0, NULL, "trust any certificate"},
    {"user", 'u', KIND_USER, 0, 0, "NAME", "log in"},
    {"password-file", 0, KIND_STRING, AT(password_file), 0, "FILE",
     "the password is its first line"},
    {"passwordeval", 0, KIND_STRING, AT(passwordeval), 0, "COMMAND",
     "the password is the first line that it prints"},
    {"bearer", 0, KIND_BOOL, AT(bearer), 0, NULL,
     "the password is an OAuth 2.0 token"},
    {"netrc", 'n', KIND_NETRC, 0, 0, NULL, "user and password by ~/.netrc"},
    {"netrc-file", 0, KIND_STRING, AT(connect.netrc), 0, "FILE", "or by FILE"},
    {"auth", 0, KIND_STRING, AT(connect.mechanisms), 0, "LIST",
     "only these SASL mechanisms"},
    {"allow-plain", 0, KIND_FLAG, 0, SC_OPT_PLAIN_LOGIN, NULL,
     "show the password without TLS, too"},
    {"hello", 0, KIND_STRING, AT(connect.hello), 0, "NAME",
     "name to say hello with"},
    {"timeout", 0, KIND_TIMEOUT, 0, 0, "SEC",
     "for connecting, and for each answer"},
    {"ipv4", '4', KIND_FLAG, 0, SC_OPT_IPV4, NULL, "only IPv4 addresses"},
    {"ipv6", '6', KIND_FLAG, 0, SC_OPT_IPV6, NULL, "only IPv6 addresses"},
    {"serverinfo", 0, KIND_BOOL, AT(serverinfo), 0, NULL,
     "show what the server can do; send nothing"},
    {"quit-after", 0, KIND_STAGE, 0, 0, "STAGE",
     "connect, greeting, hello, tls, auth, mail or rcpt"},
    {"verbose", 'v', KIND_BOOL, AT(verbose), 0, NULL,
     "show the dialogue, secrets masked"},
    {"help", 'h', KIND_BOOL, AT(help), 0, NULL, "this"},
    {"version", 'V', KIND_BOOL, AT(version), 0, NULL, "versions"},
};
enum { OPTIONS = sizeof table / sizeof table[0], FIRST_LONG = 256 };

int wrong_use(const char *fmt, ...)
{
    va_list ap;

    fputs("smtpsend: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return 2;
}

static int no_memory(void)
{
    fputs("smtpsend: no memory\n", stderr);
    return 27;
}

void print_send_help(void)
{
    char name[40];

    puts("usage: smtpsend --server URL --from A --to B [options] < message\n"
         "       smtpsend --server URL --from A --to B --subject TEXT ...");
    for (size_t i = 0; i < OPTIONS; i++) {
        const struct option_row *o = &table[i];

        snprintf(name, sizeof name, "--%s%s%s", o->name,
                 o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
        if (o->letter != 0)
            printf("  -%c, %-22s %s\n", o->letter, name, o->help);
        else
            printf("      %-22s %s\n", name, o->help);
    }
}

/* --- values --- */

static int add_word(struct words *w, const char *text)
{
    const char **more = realloc(w->at, (w->n + 2) * sizeof *more);

    if (more == NULL)
        return no_memory();
    w->at = more;
    w->at[w->n++] = text;
    w->at[w->n] = NULL;
    return -1;
}

static int set_text(struct sc_buf *b, const char *text)
{
    b->len = 0;
    return sc_buf_add(b, text, strlen(text)) < 0 ? no_memory() : -1;
}

static int split_url(struct send_options *o, struct uri *u)
{
    int rc = -1;

    if (u->user != NULL)
        rc = set_text(&o->user, u->user);
    if (rc < 0 && u->password != NULL)
        rc = set_text(&o->url_password, u->password);
    u->user = u->password = NULL;
    o->server.len = 0;
    if (rc < 0 && uri_build(u, &o->server) < 0)
        rc = no_memory();
    return rc;
}

/* A password does not stay in the list of processes. */
static int set_server(struct send_options *o, char *text)
{
    struct uri u = {0};
    struct sc_error e = {0};
    int rc;

    if (text[0] == '/')
        return set_text(&o->server, text);
    if (uri_parse(&u, text, "smtp", 0, 0, &e) < 0) {
        fprintf(stderr, "smtpsend: --server: %s\n", e.text);
        rc = 3;
    } else {
        rc = split_url(o, &u);
        if (o->url_password.len > 0)
            memset(text, 'x', strlen(text));
    }
    uri_free(&u);
    return rc;
}

static int set_tls(struct send_options *o, const char *when)
{
    static const struct {
        const char *word;
        int starttls;
        unsigned flags;
    } ways[] = {{"never", SC_STARTTLS_NEVER, 0},
                {"may", SC_STARTTLS_MAY, 0},
                {"must", SC_STARTTLS_MUST, 0},
                {"implicit", SC_STARTTLS_MAY, SC_OPT_TLS}};

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(when, ways[i].word) == 0) {
            o->connect.starttls = ways[i].starttls;
            o->connect.flags &= ~(unsigned)SC_OPT_TLS;
            o->connect.flags |= ways[i].flags;
            return -1;
        }
    return wrong_use("--tls %s: never, may, must or implicit", when);
}

/* "5" or "0.5", up to a day. */
static int set_timeout(struct send_options *o, const char *text)
{
    int ms = 0, unit = 1000;
    const char *p = text;

    for (; *p >= '0' && *p <= '9' && ms <= 86400000; p++)
        ms = ms * 10 + (*p - '0') * 1000;
    if (*p == '.' && p > text)
        for (p++; *p >= '0' && *p <= '9'; p++)
            ms += (*p - '0') * (unit /= 10);
    if (p == text || *p != '\0' || ms <= 0 || ms > 86400000)
        return wrong_use("--timeout %s: not a time in seconds", text);
    /* 30 s is the library's default, which stands for RFC 5321's minutes. */
    o->connect.connect_ms = o->connect.wait_ms = ms == 30000 ? ms + 1 : ms;
    return -1;
}

static int set_stage(struct send_options *o, const char *word)
{
    static const char *const stages[] = {"",    "connect", "greeting", "hello",
                                         "tls", "auth",    "mail",     "rcpt"};

    for (int i = STAGE_CONNECT; i <= STAGE_RCPT; i++)
        if (strcmp(word, stages[i]) == 0) {
            o->stage = i;
            return -1;
        }
    return wrong_use("--quit-after %s: connect, greeting, hello, tls, auth, "
                     "mail or rcpt",
                     word);
}

static int set_option(struct send_options *o, const struct option_row *row,
                      char *value)
{
    void *at = (char *)o + row->offset;

    switch (row->kind) {
    case KIND_BOOL:
        *(bool *)at = true;
        return -1;
    case KIND_STRING:
        *(const char **)at = value;
        return -1;
    case KIND_WORDS:
        return add_word(at, value);
    case KIND_FLAG:
        o->connect.flags |= row->bit;
        return -1;
    case KIND_SERVER:
        return set_server(o, value);
    case KIND_TLS:
        return set_tls(o, value);
    case KIND_STARTTLS:
        return set_tls(o, "must");
    case KIND_TIMEOUT:
        return set_timeout(o, value);
    case KIND_STAGE:
        return set_stage(o, value);
    case KIND_USER:
        return set_text(&o->user, value);
    case KIND_NETRC:
        o->connect.netrc = "";
        return -1;
    default:
        o->connect.tls.flags |= SC_TLS_NO_VERIFY;
        return -1;
    }
}

/* --- the words --- */

static void describe(struct option longs[], char *letters)
{
    *letters++ = ':'; /* a missing value is told apart */
    for (size_t i = 0; i < OPTIONS; i++) {
        longs[i].name = table[i].name;
        longs[i].has_arg = table[i].value != NULL;
        longs[i].val = FIRST_LONG + (int)i;
        if (table[i].letter == 0)
            continue;
        *letters++ = table[i].letter;
        if (table[i].value != NULL)
            *letters++ = ':';
    }
    *letters = '\0';
}

static const struct option_row *row_of(int c)
{
    if (c >= FIRST_LONG)
        return &table[c - FIRST_LONG];
    for (size_t i = 0; i < OPTIONS; i++)
        if (table[i].letter == c)
            return &table[i];
    return NULL;
}

static int read_words(struct send_options *o, int argc, char **argv)
{
    struct option longs[OPTIONS + 1] = {{0}};
    char letters[2 * OPTIONS + 2];
    int c, rc = -1;

    describe(longs, letters);
    opterr = 0;
    while (rc < 0 && (c = getopt_long(argc, argv, letters, longs, NULL)) >= 0)
        if (c == ':')
            rc = wrong_use("%s: the value is missing", argv[optind - 1]);
        else if (c == '?')
            rc = wrong_use("%s: no such option", argv[optind - 1]);
        else
            rc = set_option(o, row_of(c), optarg);
    if (rc < 0 && optind < argc)
        rc = wrong_use("%s: not an option", argv[optind]);
    return rc;
}

/* What a message, or the stage asked for, cannot do without. */
static int check_enough(const struct send_options *o)
{
    bool sends = o->stage == STAGE_ALL && !o->serverinfo;

    if (o->server.len == 0)
        return wrong_use("--server is missing");
    if ((sends || o->stage >= STAGE_MAIL) && o->from == NULL)
        return wrong_use("--from is missing");
    if ((sends || o->stage == STAGE_RCPT) && o->to.n == 0)
        return wrong_use("--to is missing");
    if (o->connect.starttls == SC_STARTTLS_NEVER &&
        strncmp(o->server.data, "smtps:", 6) == 0)
        return wrong_use("--tls never: %s is TLS", o->server.data);
    return -1;
}

int read_send_options(struct send_options *o, int argc, char **argv)
{
    int rc;

    memset(o, 0, sizeof *o);
    o->server.limit = o->user.limit = o->url_password.limit = PASSWORD_MOST;
    if ((rc = read_words(o, argc, argv)) >= 0 || o->help || o->version)
        return rc;
    if ((rc = check_enough(o)) >= 0)
        return rc;
    o->connect.flags |= SC_OPT_NO_POOL; /* QUIT is said */
    if (o->user.len > 0)
        o->connect.user = o->user.data;
    return -1;
}

void free_send_options(struct send_options *o)
{
    explicit_bzero(o->password, sizeof o->password);
    if (o->url_password.data != NULL)
        explicit_bzero(o->url_password.data, o->url_password.len);
    sc_buf_free(&o->server);
    sc_buf_free(&o->user);
    sc_buf_free(&o->url_password);
    free(o->to.at);
    free(o->attach.at);
}
