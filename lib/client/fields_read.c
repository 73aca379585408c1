/* fields_read.c - a block of "Name: value" lines up to an empty one; folded
 * lines (RFC 5322 section 2.2.3) are joined by one space. */
#include "client/conn.h"

#include "client/field_parse.h"
#include "core/text.h"

static int add_line(struct sc_fields *f, struct sc_span line)
{
    struct sc_span name, value;
    int rc;

    if (*line.data == ' ' || *line.data == '\t')
        return sc_fields_fold(f, line);
    rc = sc_field_parse(line, &name, &value);
    return rc < 0 ? rc : sc_fields_add(f, name, value);
}

static int no_field(SimpleClient *c, int rc, struct sc_span line)
{
    char shown[80];

    if (rc != SC_EPROTO && rc != SC_EINVAL)
        return sc_break(c, rc, "%s", sc_strerror(rc));
    sc_show(shown, sizeof shown, line.data, line.len);
    return sc_break(c, SC_EPROTO, "not a field: %s", shown);
}

static int read_all(SimpleClient *c, struct sc_fields *f)
{
    const struct sc_options *o = &c->conn->opt;
    const size_t before = f->n;
    struct sc_span line;
    size_t total = 0;
    int rc;

    while ((rc = sc_readline(c, &line)) == 0 && line.len > 0) {
        if ((total += line.len + 2) > o->head_limit)
            return sc_break(c, SC_ETOOBIG, "fields of more than %zu bytes",
                            o->head_limit);
        if ((rc = add_line(f, line)) < 0)
            return no_field(c, rc, line);
        if (f->n - before > (size_t)o->head_fields)
            return sc_break(c, SC_ETOOBIG, "more than %d fields",
                            o->head_fields);
    }
    return rc;
}

int sc_read_fields(SimpleClient *c, struct sc_fields *f)
{
    int rc;

    if ((rc = sc_read_begin(c)) < 0)
        return rc;
    sc_unit_begin(c->conn);
    rc = read_all(c, f);
    sc_unit_end(c->conn);
    return rc;
}
