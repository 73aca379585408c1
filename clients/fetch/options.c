/* options.c - the words of a call read by curl's rules: short letters put
 * together, a value attached or in the next word, long names cut short as long
 * as one option is meant, --no-NAME, options and URLs in any order. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/option_calls.h"
#include "fetch/option_table.h"
#include "fetch/program.h"

#define MOST ((int64_t)1 << 53)

int wrong_use(const char *fmt, ...)
{
    va_list ap;

    fprintf(stderr, "%s: ", fetch_program.name);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputs(" (try --help)\n", stderr);
    return 2;
}

/* --- values --- */

bool parse_number(const char *text, int64_t most, int64_t *out)
{
    uint64_t n = 0;

    if (*text == '\0')
        return false;
    for (; *text >= '0' && *text <= '9'; text++) {
        n = n * 10 + (uint64_t)(*text - '0');
        if (n > (uint64_t)most)
            return false;
    }
    if (*text != '\0')
        return false;
    *out = (int64_t)n;
    return true;
}

static bool parse_size(const char *text, int64_t *out)
{
    static const char units[] = "bkmgtp";
    size_t n = strlen(text);
    char digits[24];
    const char *unit;
    int shift;

    if (n == 0 || n >= sizeof digits)
        return false;
    unit = strchr(units, text[n - 1] | 0x20);
    if (unit == NULL || *unit == '\0')
        return parse_number(text, MOST, out);
    snprintf(digits, sizeof digits, "%.*s", (int)n - 1, text);
    shift = 10 * (int)(unit - units);
    if (!parse_number(digits, MOST >> shift, out))
        return false;
    *out <<= shift;
    return true;
}

static bool parse_seconds(const char *text, int64_t *ms)
{
    char *end;
    double s;

    if (strspn(text, "0123456789.") != strlen(text))
        return false;
    s = strtod(text, &end);
    if (end == text || *end != '\0' || !(s >= 0) || s > 1e9)
        return false;
    *ms = s > 0 && s < 0.001 ? 1 : (int64_t)(s * 1000 + 0.5);
    return true;
}

static int bad_value(const struct option_def *o, const char *value)
{
    return wrong_use("--%s: '%s' is no %s", o->name, value,
                     option_kind_of(o) == KIND_SECONDS ? "time in seconds"
                                                       : "number");
}

/* Others can read the words of a call: not passwords, once they are known. */
static void hide(const struct option_def *o, char *value)
{
    static const char *const secret[] = {"user",       "proxy-user",    "pass",
                                         "proxy-pass", "oauth2-bearer", "cert",
                                         "proxy-cert"};

    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++)
        if (strcmp(o->name, secret[i]) == 0)
            memset(value, ' ', strlen(value));
}

static int set_value(struct command *k, const struct option_def *o, char *value)
{
    char *field = (o->global ? (char *)k : (char *)k->last) + o->offset;
    bool good = true;
    int rc;

    switch (option_kind_of(o)) {
    case KIND_STRING:
        replace_text((char **)(void *)field, value);
        hide(o, value);
        break;
    case KIND_LIST:
        text_list_add((struct text_list *)(void *)field, value);
        break;
    case KIND_NUMBER:
        good = parse_number(value, MOST, (int64_t *)(void *)field);
        break;
    case KIND_SIZE:
        good = parse_size(value, (int64_t *)(void *)field);
        break;
    case KIND_SECONDS:
        good = parse_seconds(value, (int64_t *)(void *)field);
        break;
    case KIND_CALL:
        rc = o->call(k, value, true);
        hide(o, value);
        return rc;
    default:
        break;
    }
    return good ? 0 : bad_value(o, value);
}

static int set_switch(struct command *k, const struct option_def *o, bool on)
{
    char *field = (o->global ? (char *)k : (char *)k->last) + o->offset;
    unsigned *bits = (unsigned *)(void *)field;

    switch (option_kind_of(o)) {
    case KIND_BOOL:
        *(bool *)field = on;
        break;
    case KIND_OFF:
        *(bool *)field = !on;
        break;
    case KIND_FLAG:
        *bits = on ? *bits | o->bit : *bits & ~o->bit;
        break;
    case KIND_SWITCH:
        return o->call(k, NULL, on);
    default:
        break;
    }
    return 0;
}

static bool takes_value(const struct option_def *o)
{
    enum option_kind kind = option_kind_of(o);

    return kind == KIND_STRING || kind == KIND_LIST || kind == KIND_NUMBER ||
           kind == KIND_SIZE || kind == KIND_SECONDS || kind == KIND_CALL ||
           kind == KIND_NOTHING_VALUE;
}

/* --- names --- */

/* One exact name, or the only one that begins so. */
static const struct option_def *find_long(const char *name, int *hits)
{
    const struct option_def *found = NULL;
    size_t n = strlen(name);

    *hits = 0;
    for (size_t i = 0; i < option_count; i++) {
        if (strncasecmp(option_table[i].name, name, n) != 0)
            continue;
        found = &option_table[i];
        (*hits)++;
        if (found->name[n] == '\0') {
            *hits = 1;
            return found;
        }
    }
    return found;
}

static const struct option_def *find_letter(char letter)
{
    for (size_t i = 0; i < option_count; i++)
        if (option_table[i].letter == letter)
            return &option_table[i];
    return NULL;
}

int set_long(struct command *k, const char *name, char *value, bool *taken)
{
    bool on = strncmp(name, "no-", 3) != 0;
    const char *plain = on ? name : name + 3;
    const struct option_def *o;
    int hits;

    *taken = false;
    o = find_long(plain, &hits);
    if (*plain == '\0' || hits == 0)
        return wrong_use("option --%s is unknown", name);
    if (hits > 1)
        return wrong_use("option --%s may mean several", name);
    if (option_kind_of(o) == KIND_MISSING)
        return wrong_use("curl's option --%s is not in %s", o->name,
                         fetch_program.name);
    if (!takes_value(o))
        return set_switch(k, o, on);
    if (!on)
        return wrong_use("--%s: --%s is no switch", name, o->name);
    if (value == NULL)
        return wrong_use("no value for --%s", o->name);
    *taken = true;
    return set_value(k, o, value);
}

int set_letters(struct command *k, char *letters, char *value, bool *taken)
{
    const struct option_def *o;
    int rc = 0;

    *taken = false;
    for (; *letters != '\0' && rc == 0; letters++) {
        if ((o = find_letter(*letters)) == NULL)
            return wrong_use("option -%c is unknown", *letters);
        if (option_kind_of(o) == KIND_MISSING)
            return wrong_use("curl's option -%c is not in %s", *letters,
                             fetch_program.name);
        if (takes_value(o)) {
            *taken = letters[1] == '\0';
            if (*taken && value == NULL)
                return wrong_use("no value for -%c", *letters);
            return set_value(k, o, *taken ? value : letters + 1);
        }
        rc = set_switch(k, o, option_kind_of(o) != KIND_OFF);
    }
    return rc;
}

/* --- words --- */

static void add_config(struct command *k)
{
    struct config *c = take_memory(sizeof *c);

    c->max_redirects = MAX_REDIRECTS_UNSET;
    c->file_mode = -1;
    c->clobber = true;
    c->keepalive_s = -1;
    c->speed_limit = c->speed_time = -1;
    c->starttls = SC_STARTTLS_NEVER;
    c->ftp_method = -1;
    if (k->last != NULL)
        k->last->next = c;
    else
        k->first = c;
    k->last = c;
}

/* --next; nothing without a URL before it (curl's rule, too). */
int opt_next(struct command *k, const char *v, bool on)
{
    (void)v;
    (void)on;
    if (k->last->next_url > 0)
        add_config(k);
    return 0;
}

static int read_words(struct command *k, int argc, char **argv)
{
    bool options = true, taken;
    int rc = 0;

    for (int i = 1; i < argc && rc == 0; i++) {
        char *w = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;

        if (!options || w[0] != '-' || w[1] == '\0') {
            add_url(k, w);
            continue;
        }
        if (strcmp(w, "--") == 0) {
            options = false;
            continue;
        }
        rc = w[1] == '-' ? set_long(k, w + 2, next, &taken)
                         : set_letters(k, w + 1, next, &taken);
        if (k->help && i + 1 < argc) {
            replace_text(&k->help_on, argv[i + 1]);
            break;
        }
        i += taken;
    }
    return rc;
}

static bool uploads(const struct config *c)
{
    for (size_t i = 0; i < c->ntargets; i++)
        if (c->targets[i].upload != NULL && !c->targets[i].no_upload)
            return true;
    return false;
}

static int check(struct command *k)
{
    bool any = false;

    for (struct config *c = k->first; c != NULL; c = c->next) {
        any = any || c->next_url > 0;
        if (uploads(c) && (c->head || c->has_data || c->forms.n > 0))
            return wrong_use("-T does not go together with -I, -d and -F");
        if (c->head + c->has_data + (c->forms.n > 0) > 1 && !c->get)
            return wrong_use("only one of -I, -d and -F can be asked for");
        if (c->remote_header_name && c->include)
            return wrong_use("-i and -J do not go together");
        if (c->resume != NULL && c->range != NULL)
            return wrong_use("-C and -r do not go together");
    }
    return any ? -1 : wrong_use("no URL");
}

int read_command(struct command *k, int argc, char **argv)
{
    int rc;

    *k = (struct command){.parallel_max = 50};
    add_config(k);
    rc = read_words(k, argc, argv);
    if (rc != 0)
        return rc;
    if (k->parallel_max < 1 || k->parallel_max > 300)
        k->parallel_max = k->parallel_max < 1 ? 50 : 300;
    return k->help || k->version ? -1 : check(k);
}

/* --- and away --- */

static void free_tls(struct tls_config *t)
{
    char *all[] = {t->ca_file, t->ca_dir, t->cert,     t->key, t->password,
                   t->ciphers, t->suites, t->crl_file, t->pins};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

static void free_strings(struct config *c)
{
    char *all[] = {c->request,
                   c->agent,
                   c->referer,
                   c->range,
                   c->resume,
                   c->target,
                   c->bearer,
                   c->time_cond,
                   c->etag_save,
                   c->etag_compare,
                   c->user,
                   c->proxy_user,
                   c->netrc_file,
                   c->jar,
                   c->unix_socket,
                   c->interface,
                   c->proxy,
                   c->no_proxy,
                   c->protocols,
                   c->redir_protocols,
                   c->default_protocol,
                   c->output_dir,
                   c->dump_header,
                   c->write_out,
                   c->ftp_port,
                   c->ftp_account,
                   c->ftp_alternative,
                   c->login_options,
                   c->authzid,
                   c->mail_from,
                   c->mail_auth};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

static void free_config(struct config *c)
{
    for (size_t i = 0; i < c->ntargets; i++) {
        free(c->targets[i].url);
        free(c->targets[i].output);
        free(c->targets[i].upload);
    }
    free(c->targets);
    free_strings(c);
    free_tls(&c->tls);
    free_tls(&c->proxy_tls);
    text_list_free(&c->forms);
    text_list_free(&c->headers);
    text_list_free(&c->proxy_headers);
    text_list_free(&c->cookie_files);
    text_list_free(&c->quotes);
    text_list_free(&c->mail_rcpt);
    sc_buf_free(&c->data);
    sc_buf_free(&c->url_query);
    sc_buf_free(&c->cookies);
    sc_buf_free(&c->resolve);
    sc_buf_free(&c->connect_to);
    free(c);
}

void free_command(struct command *k)
{
    struct config *c, *next;

    for (c = k->first; c != NULL; c = next) {
        next = c->next;
        free_config(c);
    }
    free(k->trace);
    free(k->stderr_to);
    free(k->record);
    free(k->help_on);
    *k = (struct command){NULL, NULL};
}
