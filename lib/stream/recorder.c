/* recorder.c - a dialogue as the text of a script. A line is written once it is
 * whole, or as raw bytes when the other side speaks meanwhile. A secret line is
 * never kept, only that there was one. */
#include "stream/recorder.h"

#include "core/mem.h"
#include "core/text.h"

#include <string.h>

enum { LINE_LIMIT = 8192, RAW_PIECE = 1024 };

struct sc_recorder {
    sc_sink sink;
    void *arg;
    int64_t number;
    char *where;          /* NULL once it is told */
    struct sc_buf line;   /* what is not a whole line yet */
    char side;            /* of LINE: 'S' or 'C' */
    bool hidden;          /* within a secret line */
    bool file;            /* what is said comes from a file */
    struct sc_buf script; /* on its way to the sink */
    uint64_t said;        /* bytes of the client's so far */
    struct sc_buf secret; /* uint64_t each: where secret lines begin */
    bool server_ended;    /* S. or S! is written */
    int error;            /* of the sink, or memory; sticky */
};

/* Who wrote last: pieces of several connections share a sink. */
static _Thread_local int64_t latest;

struct sc_recorder *sc_recorder_new(sc_sink sink, void *arg, int64_t number,
                                    const char *where)
{
    struct sc_recorder *r = sc_calloc(sizeof *r);

    if (r == NULL)
        return NULL;
    r->where = sc_strdup(where);
    if (where != NULL && r->where == NULL) {
        sc_free(r);
        return NULL;
    }
    r->sink = sink;
    r->arg = arg;
    r->number = number;
    r->side = 'S';
    return r;
}

static void note(struct sc_recorder *r, int rc)
{
    if (rc < 0 && r->error == 0)
        r->error = rc;
}

/* --- secrets --- */

static size_t secrets(const struct sc_recorder *r)
{
    return r->secret.len / sizeof(uint64_t);
}

static uint64_t secret_at(const struct sc_recorder *r, size_t i)
{
    uint64_t at;

    memcpy(&at, r->secret.data + i * sizeof at, sizeof at);
    return at;
}

void sc_recorder_at(struct sc_recorder *r, uint64_t said)
{
    r->said = said;
    r->secret.len = 0;
}

void sc_recorder_file(struct sc_recorder *r, bool begins)
{
    r->file = begins;
}

void sc_recorder_unsaid(struct sc_recorder *r, uint64_t at)
{
    while (secrets(r) > 0 && secret_at(r, secrets(r) - 1) >= at)
        r->secret.len -= sizeof at;
}

void sc_recorder_secret(struct sc_recorder *r, uint64_t at)
{
    sc_recorder_unsaid(r, at);
    note(r, sc_buf_add(&r->secret, &at, sizeof at));
}

/* Does a secret line begin here? Those before are done with. */
static bool secret_begins(struct sc_recorder *r)
{
    uint64_t at;

    if (r->side != 'C' || r->file || r->line.len > 0 || secrets(r) == 0 ||
        (at = secret_at(r, 0)) > r->said)
        return false;
    r->secret.len -= sizeof at;
    memmove(r->secret.data, r->secret.data + sizeof at, r->secret.len);
    return at == r->said;
}

/* --- lines --- */

static int add_escaped(struct sc_buf *b, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    char hex[4] = {'\\', 'x', digits[c >> 4], digits[c & 15]};

    if (c == '\r')
        return sc_buf_add(b, "\\r", 2);
    if (c == '\n')
        return sc_buf_add(b, "\\n", 2);
    if (c == '\\')
        return sc_buf_add(b, "\\\\", 2);
    if (c < 0x20 || c >= 0x7f)
        return sc_buf_add(b, hex, 4);
    return sc_buf_add(b, &c, 1);
}

static void add_raw(struct sc_recorder *r, const char *p, size_t n)
{
    while (n > 0) {
        size_t part = n < RAW_PIECE ? n : RAW_PIECE;

        note(r, sc_buf_add(&r->script, r->side == 'S' ? "s: " : "c: ", 3));
        for (size_t i = 0; i < part; i++)
            note(r, add_escaped(&r->script, (unsigned char)p[i]));
        note(r, sc_buf_add(&r->script, "\n", 1));
        p += part;
        n -= part;
    }
}

/* What a terminal would act on is escaped, and so is what would mean any
 * line. */
static bool plain(const struct sc_recorder *r, const char *p, size_t n)
{
    if (r->side == 'C' && n == 3 && memcmp(p, "***", 3) == 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7f)
            return false;
    return true;
}

/* P is up to an LF, or what there is of a line. */
static void add_line(struct sc_recorder *r, const char *p, size_t n)
{
    if (n < 2 || memcmp(p + n - 2, "\r\n", 2) != 0 || !plain(r, p, n - 2)) {
        add_raw(r, p, n);
        return;
    }
    note(r, sc_buf_add(&r->script, r->side == 'S' ? "S: " : "C: ", 3));
    note(r, sc_buf_add(&r->script, p, n - 2));
    note(r, sc_buf_add(&r->script, "\n", 1));
}

static void end_piece(struct sc_recorder *r)
{
    if (r->line.len > 0)
        add_line(r, r->line.data, r->line.len);
    r->line.len = 0;
}

/* The bytes up to an LF, or all of them. */
static size_t to_lf(const char *p, size_t n)
{
    const char *lf = memchr(p, '\n', n);

    return lf != NULL ? (size_t)(lf - p) + 1 : n;
}

static void hide(struct sc_recorder *r, const char *p, size_t n)
{
    r->hidden = p[n - 1] != '\n';
    if (!r->hidden)
        note(r, sc_buf_add(&r->script, "C: ***\n", 7));
}

static size_t add_part(struct sc_recorder *r, const char *p, size_t n)
{
    if (n > LINE_LIMIT - r->line.len)
        n = LINE_LIMIT - r->line.len;
    note(r, sc_buf_add(&r->line, p, n));
    if (p[n - 1] == '\n' || r->line.len == LINE_LIMIT)
        end_piece(r);
    return n;
}

void sc_recorder_add(struct sc_recorder *r, char side, const char *p, size_t n)
{
    size_t part;

    if (side != r->side)
        end_piece(r);
    r->side = side;
    while (n > 0) {
        part = to_lf(p, n);
        if (side == 'C' && (r->hidden || secret_begins(r)))
            hide(r, p, part);
        else
            part = add_part(r, p, part);
        if (side == 'C' && !r->file)
            r->said += part;
        p += part;
        n -= part;
    }
}

void sc_recorder_mark(struct sc_recorder *r, const char *mark)
{
    end_piece(r);
    note(r, sc_buf_addf(&r->script, "%s\n", mark));
}

void sc_recorder_end(struct sc_recorder *r, const char *mark)
{
    if (!r->server_ended)
        sc_recorder_mark(r, mark);
    r->server_ended = true;
}

/* --- to the sink --- */

/* Whose lines they are, where that is to be told. */
static void add_number(struct sc_recorder *r, struct sc_buf *out)
{
    if (r->number == 0 || (r->where == NULL && latest == r->number))
        return;
    note(r, sc_buf_addf(out, "@ %lld%s%s\n", (long long)r->number,
                        r->where != NULL ? " " : "",
                        r->where != NULL ? r->where : ""));
    sc_free(r->where);
    r->where = NULL;
    latest = r->number;
}

/* The script is taken out before the sink has it: that may record, too. */
int sc_recorder_deliver(struct sc_recorder *r, struct sc_wait *w)
{
    struct sc_buf out = {0};

    if (r->error == 0 && (r->script.len > 0 || r->where != NULL)) {
        add_number(r, &out);
        note(r, sc_buf_add(&out, r->script.data, r->script.len));
        r->script.len = 0;
    }
    if (r->error == 0 && out.len > 0)
        note(r, r->sink(r->arg, out.data, out.len));
    sc_buf_free(&out);
    if (r->error != 0 && w != NULL)
        return sc_error_set(w->err, r->error, "record: %s",
                            sc_strerror(r->error));
    return r->error;
}

void sc_recorder_finish(struct sc_recorder *r)
{
    end_piece(r);
    sc_recorder_deliver(r, NULL);
}

void sc_recorder_close(struct sc_recorder *r)
{
    sc_recorder_finish(r);
    note(r, SC_ECLOSED);
}

void sc_recorder_free(struct sc_recorder *r)
{
    if (r == NULL)
        return;
    sc_recorder_finish(r);
    sc_buf_free(&r->line);
    sc_buf_free(&r->script);
    sc_buf_free(&r->secret);
    sc_free(r->where);
    sc_free(r);
}
