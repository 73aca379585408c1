/* option_calls.c - options that are more than a value put away: URLs and their
 * files, headers, logins, proxies, certificates. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <simpleclient/http.h>

#include "fetch/option_calls.h"

#define UNUSED(x) (void)(x)

/* --- URLs and their files --- */

/* The target at *POS, made if there is none yet; *POS moves on. */
static struct target *target_at(struct config *c, size_t *pos)
{
    if (*pos == c->ntargets) {
        c->targets =
            grow_memory(c->targets, (c->ntargets + 1) * sizeof *c->targets);
        memset(&c->targets[c->ntargets++], 0, sizeof *c->targets);
    }
    return &c->targets[(*pos)++];
}

void add_url(struct command *k, const char *url)
{
    struct target *t = target_at(k->last, &k->last->next_url);

    t->url = copy_text(url);
}

OPTION_CALL(opt_url)
{
    UNUSED(on);
    add_url(k, v);
    return 0;
}

OPTION_CALL(opt_output)
{
    struct target *t = target_at(k->last, &k->last->next_out);

    UNUSED(on);
    t->output = copy_text(v);
    t->out_told = true;
    return 0;
}

/* --no-remote-name: stdout for this one, against --remote-name-all. */
OPTION_CALL(opt_remote_name)
{
    struct target *t = target_at(k->last, &k->last->next_out);

    UNUSED(v);
    t->by_name = on;
    t->out_told = true;
    return 0;
}

OPTION_CALL(opt_upload)
{
    struct target *t = target_at(k->last, &k->last->next_up);

    UNUSED(on);
    t->no_upload = *v == '\0';
    t->upload = copy_text(v);
    return 0;
}

OPTION_CALL(opt_config)
{
    UNUSED(on);
    return read_config(k, v);
}

/* --- header fields --- */

/* "@FILE": a field in each of its lines. */
static int add_fields(struct text_list *l, const char *v)
{
    struct sc_buf text = {0};
    char *line, *rest;
    int rc;

    if (*v != '@') {
        text_list_add(l, v);
        return 0;
    }
    if ((rc = read_whole(v + 1, &text)) == 0) {
        rest = text.data;
        while ((line = strsep(&rest, "\n")) != NULL) {
            line[strcspn(line, "\r")] = '\0';
            if (*line != '\0')
                text_list_add(l, line);
        }
    }
    sc_buf_free(&text);
    return rc;
}

OPTION_CALL(opt_header)
{
    UNUSED(on);
    return add_fields(&k->last->headers, v);
}

OPTION_CALL(opt_proxy_header)
{
    UNUSED(on);
    return add_fields(&k->last->proxy_headers, v);
}

OPTION_CALL(opt_form)
{
    char *text = print_text("F%s", v);

    UNUSED(on);
    text_list_add(&k->last->forms, text);
    free(text);
    return strchr(v, '=') != NULL ? 0 : wrong_use("-F '%s': no '='", v);
}

OPTION_CALL(opt_form_string)
{
    char *text = print_text("S%s", v);

    UNUSED(on);
    text_list_add(&k->last->forms, text);
    free(text);
    return strchr(v, '=') != NULL ? 0
                                  : wrong_use("--form-string '%s': no '='", v);
}

/* --- requests --- */

OPTION_CALL(opt_location_trusted)
{
    UNUSED(v);
    k->last->follow = k->last->trusted = on;
    return 0;
}

OPTION_CALL(opt_max_redirs)
{
    UNUSED(on);
    if (strcmp(v, "-1") == 0) {
        k->last->max_redirects = -1;
        return 0;
    }
    return parse_number(v, 1000000, &k->last->max_redirects)
               ? 0
               : wrong_use("--max-redirs: '%s' is no number", v);
}

OPTION_CALL(opt_referer)
{
    struct config *c = k->last;
    char *semi;

    UNUSED(on);
    replace_text(&c->referer, v);
    semi = strstr(c->referer, ";auto");
    c->auto_referer = semi != NULL;
    if (semi != NULL)
        *semi = '\0';
    if (*c->referer == '\0')
        replace_text(&c->referer, NULL);
    return 0;
}

OPTION_CALL(opt_http10)
{
    UNUSED(v);
    UNUSED(on);
    k->last->flags |= HTTP_VERSION_10;
    return 0;
}

OPTION_CALL(opt_http11)
{
    UNUSED(v);
    UNUSED(on);
    k->last->flags &= ~(unsigned)HTTP_VERSION_10;
    return 0;
}

/* --- logins and cookies --- */

OPTION_CALL(opt_netrc)
{
    UNUSED(v);
    k->last->netrc = on ? 1 : 0;
    return 0;
}

OPTION_CALL(opt_netrc_optional)
{
    UNUSED(v);
    k->last->netrc = on ? 2 : 0;
    return 0;
}

OPTION_CALL(opt_netrc_file)
{
    UNUSED(on);
    replace_text(&k->last->netrc_file, v);
    return 0;
}

/* "a=b": sent as it is. Else a file to be read; either way what is read and
 * what servers set is kept only if there is a file or a jar (curl's rule). */
OPTION_CALL(opt_cookie)
{
    struct config *c = k->last;

    UNUSED(on);
    if (strchr(v, '=') == NULL) {
        c->cookie_engine = true;
        if (*v != '\0')
            text_list_add(&c->cookie_files, v);
        return 0;
    }
    if (c->cookies.len > 0)
        add_text(&c->cookies, ";");
    add_text(&c->cookies, v);
    return 0;
}

OPTION_CALL(opt_jar)
{
    UNUSED(on);
    replace_text(&k->last->jar, v);
    k->last->cookie_engine = true;
    return 0;
}

/* --- the way --- */

static int set_proxy(struct command *k, const char *scheme, const char *v)
{
    free(k->last->proxy);
    k->last->proxy = *v != '\0' && strstr(v, "://") == NULL
                         ? print_text("%s%s", scheme, v)
                         : copy_text(v);
    return 0;
}

OPTION_CALL(opt_proxy)
{
    UNUSED(on);
    return set_proxy(k, "", v);
}

OPTION_CALL(opt_socks4)
{
    UNUSED(on);
    return set_proxy(k, "socks4://", v);
}

OPTION_CALL(opt_socks4a)
{
    UNUSED(on);
    return set_proxy(k, "socks4a://", v);
}

OPTION_CALL(opt_socks5)
{
    UNUSED(on);
    return set_proxy(k, "socks5://", v);
}

OPTION_CALL(opt_socks5h)
{
    UNUSED(on);
    return set_proxy(k, "socks5h://", v);
}

static void add_entry(struct sc_buf *b, const char *v)
{
    if (b->len > 0)
        add_text(b, " ");
    add_text(b, v);
}

/* "+" in front: for as long as others; here all are for one run. "-": one
 * taken away. */
OPTION_CALL(opt_resolve)
{
    UNUSED(on);
    if (*v == '-')
        return 0;
    add_entry(&k->last->resolve, *v == '+' ? v + 1 : v);
    return 0;
}

static int count_colons(const char *p)
{
    bool in_brackets = false;
    int n = 0;

    for (; *p != '\0'; p++) {
        if (*p == '[' || *p == ']')
            in_brackets = *p == '[';
        n += *p == ':' && !in_brackets;
    }
    return n;
}

/* "HOST:PORT:TO:TO_PORT"; the last may be left out with its colon. What is
 * shorter is meant for nobody (curl's rule). */
OPTION_CALL(opt_connect_to)
{
    int colons = count_colons(v);

    UNUSED(on);
    if (colons < 2)
        return 0;
    add_entry(&k->last->connect_to, v);
    if (colons == 2)
        add_text(&k->last->connect_to, ":");
    return 0;
}

OPTION_CALL(opt_interface)
{
    UNUSED(on);
    if (strncmp(v, "if!", 3) == 0)
        v += 3;
    else if (strncmp(v, "host!", 5) == 0)
        v += 5;
    replace_text(&k->last->interface, v);
    return 0;
}

static int only_family(struct command *k, unsigned flag)
{
    k->last->options &= ~(unsigned)(SC_OPT_IPV4 | SC_OPT_IPV6);
    k->last->options |= flag;
    return 0;
}

OPTION_CALL(opt_ipv4)
{
    UNUSED(v);
    UNUSED(on);
    return only_family(k, SC_OPT_IPV4);
}

OPTION_CALL(opt_ipv6)
{
    UNUSED(v);
    UNUSED(on);
    return only_family(k, SC_OPT_IPV6);
}

/* --- TLS --- */

/* "FILE:PASSWORD"; a backslash takes the meaning from a colon. */
static int set_cert(struct tls_config *t, const char *v)
{
    char *to;

    replace_text(&t->cert, v);
    for (to = t->cert; *v != '\0' && *v != ':'; v++) {
        if (*v == '\\' && (v[1] == ':' || v[1] == '\\'))
            v++;
        *to++ = *v;
    }
    *to = '\0';
    if (*v == ':')
        replace_text(&t->password, v + 1);
    return 0;
}

OPTION_CALL(opt_cert)
{
    UNUSED(on);
    return set_cert(&k->last->tls, v);
}

OPTION_CALL(opt_proxy_cert)
{
    UNUSED(on);
    return set_cert(&k->last->proxy_tls, v);
}

OPTION_CALL(opt_pem)
{
    UNUSED(k);
    UNUSED(on);
    return strcasecmp(v, "PEM") == 0
               ? 0
               : wrong_use("certificates and keys are read as PEM only");
}

OPTION_CALL(opt_tls_least)
{
    UNUSED(v);
    UNUSED(on);
    k->last->tls_min = 0;
    return 0;
}

OPTION_CALL(opt_tls_12)
{
    UNUSED(v);
    UNUSED(on);
    k->last->tls_min = 12;
    return 0;
}

OPTION_CALL(opt_tls_13)
{
    UNUSED(v);
    UNUSED(on);
    k->last->tls_min = 13;
    return 0;
}

OPTION_CALL(opt_tls_max)
{
    UNUSED(on);
    if (strcmp(v, "1.2") == 0)
        k->last->tls_max = 12;
    else if (strcmp(v, "1.3") == 0 || strcmp(v, "default") == 0)
        k->last->tls_max = 0;
    else
        return wrong_use("--tls-max: '%s' is not 1.2 or 1.3", v);
    return 0;
}

/* --- pace --- */

/* "10/m"; an hour if no unit is told. */
OPTION_CALL(opt_rate)
{
    static const char units[] = "smhd";
    static const int64_t ms[] = {1000, 60000, 3600000, 86400000};
    size_t n = strcspn(v, "/");
    char *digits = print_text("%.*s", (int)n, v);
    const char *unit = v[n] == '/' ? v + n + 1 : "h", *at;
    int64_t count = 0;
    bool good = parse_number(digits, INT32_MAX, &count) && count > 0;

    UNUSED(on);
    free(digits);
    at = *unit != '\0' && unit[1] == '\0' ? strchr(units, *unit) : NULL;
    if (!good || at == NULL)
        return wrong_use("--rate: '%s' is not like 10/m", v);
    k->pace_ms = ms[at - units] / count;
    return 0;
}

/* --- output --- */

OPTION_CALL(opt_file_mode)
{
    char *end;
    unsigned long mode = strtoul(v, &end, 8);

    UNUSED(on);
    if (*v < '0' || *v > '7' || *end != '\0' || mode > 0777)
        return wrong_use("--create-file-mode: '%s' is no octal mode", v);
    k->last->file_mode = (int64_t)mode;
    return 0;
}

OPTION_CALL(opt_write_out)
{
    struct sc_buf text = {0};
    int rc = 0;

    UNUSED(on);
    if (*v != '@') {
        replace_text(&k->last->write_out, v);
        return 0;
    }
    if ((rc = read_whole(v + 1, &text)) == 0) {
        drop_line_ends(&text);
        replace_text(&k->last->write_out, text.data);
    }
    sc_buf_free(&text);
    return rc;
}

OPTION_CALL(opt_trace)
{
    UNUSED(on);
    replace_text(&k->trace, v);
    k->trace_ascii = false;
    return 0;
}

OPTION_CALL(opt_trace_ascii)
{
    UNUSED(on);
    replace_text(&k->trace, v);
    k->trace_ascii = true;
    return 0;
}
