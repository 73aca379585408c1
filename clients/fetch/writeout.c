/* writeout.c - the variables of curl 7.88's -w, as text and as JSON. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <simpleclient/uri.h>

#include "fetch/figures.h"
#include "fetch/json.h"
#include "fetch/program.h"
#include "fetch/writeout.h"

enum kind { TEXT, NUMBER, STATUS, TIME, VERSION, ACTION };
enum action { TO_STDERR, TO_STDOUT, ON_ERROR, AS_JSON, HEADER_JSON };

struct variable {
    const char *name;
    int kind;
    const char *(*text)(const struct figures *f);
    int64_t (*number)(const struct figures *f);
    int action;
};

#define T(field)                                                               \
    static const char *text_##field(const struct figures *f)                   \
    {                                                                          \
        return f->field;                                                       \
    }
#define N(field)                                                               \
    static int64_t number_##field(const struct figures *f)                     \
    {                                                                          \
        return (int64_t)f->field;                                              \
    }
T(content_type)
T(errormsg)
T(filename)
T(local_ip)
T(method)
T(redirect_url)
T(referer)
T(remote_ip)
T(scheme)
T(url)
T(effective)
N(exitcode)
N(status)
N(http_connect)
N(version)
N(local_port)
N(connects)
N(headers)
N(redirects)
N(remote_port)
N(downloaded)
N(size_header)
N(size_request)
N(uploaded)
N(speed_download)
N(speed_upload)
N(verify)
N(appconnect)
N(connect)
N(namelookup)
N(pretransfer)
N(redirect)
N(starttransfer)
N(total)
N(number)

static const char *text_nothing(const struct figures *f)
{
    (void)f;
    return NULL;
}

static const char *text_empty(const struct figures *f)
{
    (void)f;
    return "";
}

static int64_t number_zero(const struct figures *f)
{
    (void)f;
    return 0;
}

#define TEXT_OF(name, field)                                                   \
    {                                                                          \
        name, TEXT, text_##field, NULL, 0                                      \
    }
#define NUMBER_OF(name, kind, field)                                           \
    {                                                                          \
        name, kind, NULL, number_##field, 0                                    \
    }
#define ACTION_OF(name, what)                                                  \
    {                                                                          \
        name, ACTION, NULL, NULL, what                                         \
    }

/* In the order in which %{json} has them. */
static const struct variable variables[] = {
    TEXT_OF("certs", empty),
    TEXT_OF("content_type", content_type),
    TEXT_OF("errormsg", errormsg),
    NUMBER_OF("exitcode", NUMBER, exitcode),
    TEXT_OF("filename_effective", filename),
    TEXT_OF("ftp_entry_path", nothing),
    ACTION_OF("header_json", HEADER_JSON),
    NUMBER_OF("http_code", STATUS, status),
    NUMBER_OF("http_connect", STATUS, http_connect),
    NUMBER_OF("http_version", VERSION, version),
    ACTION_OF("json", AS_JSON),
    TEXT_OF("local_ip", local_ip),
    NUMBER_OF("local_port", NUMBER, local_port),
    TEXT_OF("method", method),
    NUMBER_OF("num_certs", NUMBER, zero),
    NUMBER_OF("num_connects", NUMBER, connects),
    NUMBER_OF("num_headers", NUMBER, headers),
    NUMBER_OF("num_redirects", NUMBER, redirects),
    ACTION_OF("onerror", ON_ERROR),
    NUMBER_OF("proxy_ssl_verify_result", NUMBER, zero),
    TEXT_OF("redirect_url", redirect_url),
    TEXT_OF("referer", referer),
    TEXT_OF("remote_ip", remote_ip),
    NUMBER_OF("remote_port", NUMBER, remote_port),
    NUMBER_OF("response_code", STATUS, status),
    TEXT_OF("scheme", scheme),
    NUMBER_OF("size_download", NUMBER, downloaded),
    NUMBER_OF("size_header", NUMBER, size_header),
    NUMBER_OF("size_request", NUMBER, size_request),
    NUMBER_OF("size_upload", NUMBER, uploaded),
    NUMBER_OF("speed_download", NUMBER, speed_download),
    NUMBER_OF("speed_upload", NUMBER, speed_upload),
    NUMBER_OF("ssl_verify_result", NUMBER, verify),
    ACTION_OF("stderr", TO_STDERR),
    ACTION_OF("stdout", TO_STDOUT),
    NUMBER_OF("time_appconnect", TIME, appconnect),
    NUMBER_OF("time_connect", TIME, connect),
    NUMBER_OF("time_namelookup", TIME, namelookup),
    NUMBER_OF("time_pretransfer", TIME, pretransfer),
    NUMBER_OF("time_redirect", TIME, redirect),
    NUMBER_OF("time_starttransfer", TIME, starttransfer),
    NUMBER_OF("time_total", TIME, total),
    TEXT_OF("url", url),
    TEXT_OF("url_effective", effective),
    NUMBER_OF("urlnum", NUMBER, number),
};
enum { COUNT = sizeof variables / sizeof variables[0] };

static const struct variable *find(const char *name, size_t n)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strncmp(variables[i].name, name, n) == 0 &&
            variables[i].name[n] == '\0')
            return &variables[i];
    return NULL;
}

/* --- values --- */

static const char *version_text(int64_t version)
{
    return version == 11 ? "1.1" : version == 10 ? "1.0" : "0";
}

static void put_number(FILE *to, int kind, int64_t n)
{
    if (kind == TIME)
        fprintf(to, "%" PRId64 ".%06" PRId64, n / 1000000, n % 1000000);
    else if (kind == STATUS)
        fprintf(to, "%03" PRId64, n);
    else if (kind == VERSION)
        fputs(version_text(n), to);
    else
        fprintf(to, "%" PRId64, n);
}

static void put_value(FILE *to, const struct variable *v,
                      const struct figures *f)
{
    const char *s;

    if (v->kind != TEXT)
        put_number(to, v->kind, v->number(f));
    else if ((s = v->text(f)) != NULL)
        fputs(s, to);
}

static void json_value(FILE *to, const struct variable *v,
                       const struct figures *f)
{
    fprintf(to, "\"%s\":", v->name);
    if (v->kind == TEXT)
        json_text(to, v->text(f));
    else if (v->kind == STATUS)
        put_number(to, NUMBER, v->number(f));
    else if (v->kind == VERSION)
        json_text(to, version_text(v->number(f)));
    else
        put_number(to, v->kind, v->number(f));
}

static void put_json(FILE *to, const struct figures *f)
{
    fputc('{', to);
    for (size_t i = 0; i < COUNT; i++) {
        if (variables[i].kind == ACTION)
            continue;
        json_value(to, &variables[i], f);
        fputc(',', to);
    }
    fprintf(to, "\"curl_version\":\"%s/%s\"}", fetch_program.name,
            HTTPGET_VERSION);
}

/* --- the format --- */

struct printer {
    const struct figures *f;
    FILE *to;
    const char *p;
    bool stop;
};

static void act(struct printer *w, int action)
{
    switch (action) {
    case TO_STDERR:
        w->to = stderr;
        break;
    case TO_STDOUT:
        w->to = stdout;
        break;
    case ON_ERROR:
        w->stop = w->f->exitcode == 0;
        break;
    case AS_JSON:
        put_json(w->to, w->f);
        break;
    default:
        json_head(w->to, w->f->reply);
        break;
    }
}

/* "%{name}" or "%header{name}": N bytes of a name at NAME. */
static void put_variable(struct printer *w, const char *name, size_t n)
{
    const struct variable *v = find(name, n);

    if (v == NULL)
        fprintf(stderr, "%s: unknown --write-out variable: '%.*s'\n",
                fetch_program.name, (int)n, name);
    else if (v->kind == ACTION)
        act(w, v->action);
    else
        put_value(w->to, v, w->f);
}

static void put_header(struct printer *w, const char *name, size_t n)
{
    char text[128];

    if (n < sizeof text) {
        snprintf(text, sizeof text, "%.*s", (int)n, name);
        fputs(http_header(w->f->reply, text, ""), w->to);
    }
}

static void put_percent(struct printer *w)
{
    const char *name = w->p + 1, *end;
    bool header = strncmp(name, "header{", 7) == 0;

    if (*name == '%') {
        fputc('%', w->to);
        w->p += 2;
        return;
    }
    if ((*name != '{' && !header) || (end = strchr(name, '}')) == NULL) {
        fputc('%', w->to);
        w->p++;
        return;
    }
    name += header ? 7 : 1;
    w->p = end + 1;
    if (header)
        put_header(w, name, (size_t)(end - name));
    else
        put_variable(w, name, (size_t)(end - name));
}

static void put_escape(struct printer *w)
{
    static const char from[] = "nrt", to[] = "\n\r\t";
    const char *at = w->p[1] != '\0' ? strchr(from, w->p[1]) : NULL;

    if (at != NULL) {
        fputc(to[at - from], w->to);
        w->p += 2;
    } else {
        fputc(*w->p++, w->to);
    }
}

void write_out(struct transfer *t)
{
    struct figures f;
    struct printer w = {&f, stdout, t->job.config->write_out, false};

    take_figures(&f, t);
    while (*w.p != '\0' && !w.stop)
        if (*w.p == '%')
            put_percent(&w);
        else if (*w.p == '\\')
            put_escape(&w);
        else
            fputc(*w.p++, w.to);
    free_figures(&f);
}
