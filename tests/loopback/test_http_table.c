/* test_http_table.c - answers as fixed bytes from a hostile server, one test
 * each; a second request shows whether the connection serves again. What is
 * right follows RFC 9110, RFC 9112 and docs/design/http.md. Each is asked for in
 * steps and in one call. */
#include "main.h"

#include <stdlib.h>

#include <simpleclient/class.h>
#include <simpleclient/httplib.h>
#include <simpleclient/task.h>

#include "http/http_client.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define CL5 "Content-Length: 5\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define GZIP_HELLO                                                             \
    "\037\213\010\0\0\0\0\0\002\003\313H\315\311\311\007\0\206\246\0206"       \
    "\005\0\0\0"
#define GZIP_BROKEN                                                            \
    "\037\213\010\0\0\0\0\0\002\003\313H\315\311\311\007\0\206\246\0207"       \
    "\005\0\0\0"
#define GZIP_TWICE                                                             \
    "\037\213\010\0\0\0\0\0\002\003\223\357\346`\0\001&\346\323\036gO\236dgh"  \
    "[&`\306\012\024\0\0\247o\264E\031\0\0\0"

enum { CLOSES = 1, HEAD = 2, DECODE = 4, LENIENT = 8, ANY_REUSE = 16 };

struct row {
    const char *name;
    const char *answer;
    size_t n;
    int rc;           /* of the first request */
    const char *body; /* of its answer; NULL: any */
    int reuse;        /* 1: the second request takes the same connection */
    unsigned notes;
    int flags;
    const char *piece; /* REPEATED times behind the answer, then TAIL */
    int repeated;
    const char *tail;
    int status; /* 0: 200 */
};

#define ROW(name, answer, rc, body, reuse, notes, flags, status)               \
    {                                                                          \
        name, answer, sizeof(answer) - 1, rc, body, reuse, notes, flags, NULL, \
            0, NULL, status                                                    \
    }
#define GOOD(name, answer, notes)                                              \
    {                                                                          \
        name, answer, sizeof(answer) - 1, 0, "hello", 1, notes, 0, NULL, 0,    \
            NULL, 0                                                            \
    }
#define ONCE(name, answer, notes)                                              \
    {                                                                          \
        name, answer, sizeof(answer) - 1, 0, "hello", 0, notes, 0, NULL, 0,    \
            NULL, 0                                                            \
    }
#define BAD(name, answer, rc)                                                  \
    {                                                                          \
        name, answer, sizeof(answer) - 1, rc, "", 0, 0, CLOSES, NULL, 0, NULL, \
            0                                                                  \
    }
#define EMPTY(name, answer, status, reuse, notes, flags)                       \
    {                                                                          \
        name, answer, sizeof(answer) - 1, 0, "", reuse, notes, flags, NULL, 0, \
            NULL, status                                                       \
    }
#define DECODED(name, answer, rc, body, notes)                                 \
    {                                                                          \
        name, answer, sizeof(answer) - 1, rc, body, 1, notes, DECODE, NULL, 0, \
            NULL, 0                                                            \
    }
#define MANY(name, answer, rc, piece, times, tail)                             \
    {                                                                          \
        name, answer, sizeof(answer) - 1, rc, NULL, 0, 0, 0, piece, times,     \
            tail, 0                                                            \
    }

static const struct row rows[] = {
    GOOD("ok_cl", OK CL5 "\r\nhello", 0),
    GOOD("ok_chunked_ext_trailer",
         OK CHUNKED
         "\r\n2;a=b\r\nhe\r\n3 ; c=\"d\"\r\nllo\r\n0\r\nT: x\r\n\r\n",
         0),
    ONCE("te_and_cl",
         OK CHUNKED "Content-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n"
                    "\r\n",
         HTTP_NOTE_TE_AND_LENGTH),
    GOOD("cl_dup_same", OK CL5 CL5 "\r\nhello", HTTP_NOTE_LENGTH_TWICE),
    BAD("cl_dup_diff", OK CL5 "Content-Length: 3\r\n\r\nhello", SC_EPROTO),
    GOOD("cl_list_same", OK "Content-Length: 5, 5\r\n\r\nhello",
         HTTP_NOTE_LENGTH_TWICE),
    BAD("cl_list_diff", OK "Content-Length: 5, 3\r\n\r\nhello", SC_EPROTO),
    BAD("cl_plus", OK "Content-Length: +5\r\n\r\nhello", SC_EPROTO),
    BAD("cl_trailing_junk", OK "Content-Length: 5x\r\n\r\nhello", SC_EPROTO),
    BAD("cl_negative", OK "Content-Length: -5\r\n\r\nhello", SC_EPROTO),
    BAD("cl_underscore", OK "Content-Length: 1_0\r\n\r\nhellohello", SC_EPROTO),
    BAD("cl_hex", OK "Content-Length: 0x5\r\n\r\nhello", SC_EPROTO),
    BAD("cl_empty", OK "Content-Length:\r\n\r\nhello", SC_EPROTO),
    BAD("cl_inner_space", OK "Content-Length: 5 5\r\n\r\nhello", SC_EPROTO),
    BAD("cl_overflow", OK "Content-Length: 99999999999999999999\r\n\r\nhello",
        SC_EPROTO),
    BAD("cl_of_64_bits", OK "Content-Length: 9223372036854775808\r\n\r\nhello",
        SC_EPROTO),
    ROW("cl_truncated", OK "Content-Length: 10\r\n\r\nhello", SC_ESHORT,
        "hello", 0, 0, CLOSES, 0),
    ROW("chunk_truncated", OK CHUNKED "\r\n9\r\nhello", SC_ESHORT, "hello", 0,
        0, CLOSES, 0),
    ROW("chunk_trunc_no_last_crlf", OK CHUNKED "\r\n5\r\nhello\r\n0\r\n",
        SC_ESHORT, "hello", 0, 0, CLOSES, 0),
    BAD("chunk_0x", OK CHUNKED "\r\n0x5\r\nhello\r\n0\r\n\r\n", SC_EPROTO),
    BAD("chunk_neg", OK CHUNKED "\r\n-5\r\nhello\r\n0\r\n\r\n", SC_EPROTO),
    BAD("chunk_plus", OK CHUNKED "\r\n+5\r\nhello\r\n0\r\n\r\n", SC_EPROTO),
    BAD("chunk_underscore", OK CHUNKED "\r\n0_5\r\nhello\r\n0\r\n\r\n",
        SC_EPROTO),
    BAD("chunk_lead_space", OK CHUNKED "\r\n 5\r\nhello\r\n0\r\n\r\n",
        SC_EPROTO),
    BAD("chunk_empty_size", OK CHUNKED "\r\n\r\nhello\r\n0\r\n\r\n", SC_EPROTO),
    BAD("chunk_overflow",
        OK CHUNKED "\r\n10000000000000005\r\nhello\r\n0\r\n"
                   "\r\n",
        SC_EPROTO),
    ROW("chunk_no_crlf_after_data", OK CHUNKED "\r\n5\r\nhello0\r\n\r\n",
        SC_EPROTO, "hello", 0, 0, CLOSES, 0),
    BAD("chunk_bare_lf", OK CHUNKED "\r\n5\nhello\n0\n\n", SC_EPROTO),
    BAD("chunk_ext_lf_smuggle", OK CHUNKED "\r\n5;a\nb\r\nhello\r\n0\r\n\r\n",
        SC_EPROTO),
    BAD("te_gzip_chunked",
        OK "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        SC_EPROTO),
    BAD("te_chunked_identity",
        OK "Transfer-Encoding: chunked, identity\r\n\r\n5\r\nhello\r\n0\r\n"
           "\r\n",
        SC_EPROTO),
    BAD("te_chunked_twice", OK CHUNKED CHUNKED "\r\n5\r\nhello\r\n0\r\n\r\n",
        SC_EPROTO),
    BAD("te_unknown", OK "Transfer-Encoding: x\r\n\r\nhello", SC_EPROTO),
    BAD("te_vtab",
        OK "Transfer-Encoding: \013chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        SC_EPROTO),
    BAD("te_http10",
        "HTTP/1.0 200 OK\r\n" CHUNKED "\r\n5\r\nhello\r\n0\r\n\r\n", SC_EPROTO),
    EMPTY("s204_with_body", "HTTP/1.1 204 No\r\n" CL5 "\r\nhello", 204, 0,
          HTTP_NOTE_UNASKED_BODY, 0),
    EMPTY("s204_with_length", "HTTP/1.1 204 No\r\n" CL5 "\r\n", 204, 0, 0, 0),
    EMPTY("s304_cl", "HTTP/1.1 304 Same\r\n" CL5 "\r\n", 304, 1, 0, 0),
    EMPTY("head_te", OK CHUNKED "\r\n", 200, 1, 0, HEAD),
    EMPTY("head_with_body", OK CL5 "\r\nhello", 200, 0, HTTP_NOTE_UNASKED_BODY,
          HEAD),
    GOOD("i100", "HTTP/1.1 100 Continue\r\n\r\n" OK CL5 "\r\nhello", 0),
    GOOD("i103", "HTTP/1.1 103 Hints\r\nX: leaked\r\n\r\n" OK CL5 "\r\nhello",
         0),
    GOOD("i102_199",
         "HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 199 Odd\r\n\r\n" OK CL5 "\r\nhello",
         0),
    MANY("i100_x2000", "", SC_ETOOBIG, "HTTP/1.1 100 Continue\r\n\r\n", 2000,
         OK CL5 "\r\nhello"),
    BAD("i101_unsolicited", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nhello",
        SC_EPROTO),
    GOOD("lf_headers", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
         HTTP_NOTE_BARE_LF),
    GOOD("obs_fold", OK "X: a\r\n b\r\n" CL5 "\r\nhello", HTTP_NOTE_FOLDED),
    BAD("obs_fold_first", OK " X: a\r\n" CL5 "\r\nhello", SC_EPROTO),
    BAD("obs_fold_of_a_length", OK "Content-Length:\r\n 5\r\n\r\nhello",
        SC_EPROTO),
    BAD("space_before_colon", OK "Content-Length : 5\r\n\r\nhello", SC_EPROTO),
    BAD("space_before_colon_te",
        OK "Transfer-Encoding : chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        SC_EPROTO),
    GOOD("space_before_other_colon", OK "Y : a\r\n" CL5 "\r\nhello",
         HTTP_NOTE_SPACE_COLON),
    BAD("no_colon", OK "nonsense\r\n" CL5 "\r\nhello", SC_EPROTO),
    ROW("no_colon_lenient", OK "nonsense\r\n folded\r\n" CL5 "\r\nhello", 0,
        "hello", 0, HTTP_NOTE_NO_FIELD, LENIENT, 0),
    ROW("fold_first_lenient", OK " odd\r\n" CL5 "\r\nhello", 0, "hello", 0,
        HTTP_NOTE_NO_FIELD, LENIENT, 0),
    BAD("bad_name", OK "X Y: a\r\n" CL5 "\r\nhello", SC_EPROTO),
    BAD("empty_name", OK ": a\r\n" CL5 "\r\nhello", SC_EPROTO),
    BAD("nul_in_value", OK "X: a\0b\r\n" CL5 "\r\nhello", SC_EPROTO),
    BAD("bare_cr_in_value", OK "X: a\rX-Evil: b\r\n" CL5 "\r\nhello",
        SC_EPROTO),
    BAD("status_4digit", "HTTP/1.1 2000 OK\r\n" CL5 "\r\nhello", SC_EPROTO),
    BAD("status_099", "HTTP/1.1 099 OK\r\n" CL5 "\r\nhello", SC_EPROTO),
    BAD("status_plus", "HTTP/1.1 +20 OK\r\n" CL5 "\r\nhello", SC_EPROTO),
    BAD("status_word", "HTTP/1.1 abc OK\r\n" CL5 "\r\nhello", SC_EPROTO),
    BAD("ver_3_0", "HTTP/3.0 200 OK\r\n" CL5 "\r\nhello", SC_EPROTO),
    BAD("ver_1_1x", "HTTP/1.1x 200 OK\r\n" CL5 "\r\nhello", SC_EPROTO),
    BAD("ver_11", "HTTP/11 200 OK\r\n" CL5 "\r\nhello", SC_EPROTO),
    BAD("http09", "hello\r\n", SC_EPROTO),
    BAD("http09_at_once", "hello", SC_ESHORT),
    ROW("status_600_is_as_5xx", "HTTP/1.1 999 Odd\r\n" CL5 "\r\nhello", 0,
        "hello", 1, HTTP_NOTE_STATUS_RANGE, 0, 999),
    GOOD("no_reason", "HTTP/1.1 200 \r\n" CL5 "\r\nhello", 0),
    GOOD("no_reason_space", "HTTP/1.1 200\r\n" CL5 "\r\nhello",
         HTTP_NOTE_NO_REASON_SPACE),
    ONCE("early_evil", OK CL5 "\r\nhello" OK "Content-Length: 4\r\n\r\nEVIL",
         HTTP_NOTE_UNASKED_BODY),
    ONCE("trail_junk", OK CL5 "\r\nhello\r\n\r\n", HTTP_NOTE_UNASKED_BODY),
    ONCE("chunked_trail_junk", OK CHUNKED "\r\n5\r\nhello\r\n0\r\n\r\njunk",
         HTTP_NOTE_UNASKED_BODY),
    ONCE("conn_list_close", OK "Connection: foo, Close\r\n" CL5 "\r\nhello", 0),
    ONCE("v10_closes", "HTTP/1.0 200 OK\r\n" CL5 "\r\nhello", 0),
    GOOD("v10_keep_alive",
         "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n" CL5 "\r\nhello", 0),
    GOOD("v12_is_as_11", "HTTP/1.2 200 OK\r\n" CL5 "\r\nhello", 0),
    ROW("no_length_reads_to_the_end", OK "\r\nhello", 0, "hello", 0, 0, CLOSES,
        0),
    MANY("hdr_1mb", OK "X: ", SC_ETOOBIG, "xxxxxxxxxxxxxxxx", 65536,
         "\r\n" CL5 "\r\nhello"),
    MANY("hdr_many_bytes", OK, SC_ETOOBIG,
         "X: 0123456789012345678901234567890123456789012345678901234567890123"
         "0123456789012345678901234567890123456789012345678901234567890123"
         "0123456789012345678901234567890123456789012345678901234567890123"
         "0123456789012345678901234567890123456789012345678901234567890123"
         "0123456789012345678901234567890123456789012345678901234567890123"
         "0123456789012345678901234567890123456789012345678901234567890123"
         "0123456789012345678901234567890123456789012345678901234567890123"
         "0123456789012345678901234567890123456789012345678901234567890123"
         "0123456789012345678901234567890123456789012345678901234567890123"
         "0123456789012345678901234567890123456789012345678901234567890\r\n",
         490, CL5 "\r\nhello"),
    MANY("hdr_5000", OK, SC_ETOOBIG, "X: y\r\n", 5000, CL5 "\r\nhello"),
    MANY("chunk_ext_64k", OK CHUNKED "\r\n5;", SC_ETOOBIG, "xxxxxxxxxxxxxxxx",
         4096, "\r\nhello\r\n0\r\n\r\n"),
    MANY("chunk_ext_each_byte", OK CHUNKED "\r\n", SC_ETOOBIG,
         "1;xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\nx\r\n",
         2000, "0\r\n\r\n"),
    MANY("trailers_5000", OK CHUNKED "\r\n5\r\nhello\r\n0\r\n", SC_ETOOBIG,
         "X: y\r\n", 5000, "\r\n"),
    BAD("trailer_no_colon", OK CHUNKED "\r\n0\r\nnonsense\r\n\r\n", SC_EPROTO),
    DECODED("gzip",
            OK
            "Content-Encoding: gzip\r\nContent-Length: 25\r\n\r\n" GZIP_HELLO,
            0, "hello", 0),
    DECODED("x_gzip",
            OK "Content-Encoding: X-GZip\r\nContent-Length: 25\r\n"
               "\r\n" GZIP_HELLO,
            0, "hello", 0),
    DECODED("gzip_chunked",
            OK "Content-Encoding: gzip\r\n" CHUNKED "\r\n"
               "19\r\n" GZIP_HELLO "\r\n0\r\n\r\n",
            0, "hello", 0),
    ROW("gzip_truncated",
        OK "Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" GZIP_HELLO,
        SC_ESHORT, "hello", 0, 0, DECODE, 0),
    ROW("gzip_badcrc",
        OK "Content-Encoding: gzip\r\nContent-Length: 25\r\n\r\n" GZIP_BROKEN,
        SC_ECODING, NULL, 0, 0, DECODE, 0),
    ROW("gzip_junk_behind",
        OK "Content-Encoding: gzip\r\nContent-Length: 29\r\n"
           "\r\n" GZIP_HELLO "junk",
        SC_ECODING, "hello", 0, 0, DECODE, 0),
    DECODED("gzip_two_members",
            OK "Content-Encoding: gzip\r\n"
               "Content-Length: 50\r\n\r\n" GZIP_HELLO GZIP_HELLO,
            0, "hellohello", 0),
    DECODED("gzip_of_gzip",
            OK "Content-Encoding: gzip, gzip\r\n"
               "Content-Length: 42\r\n\r\n" GZIP_TWICE,
            0, "hello", 0),
    DECODED("gzip_in_two_fields",
            OK "Content-Encoding: gzip\r\n"
               "Content-Encoding: identity, gzip\r\n"
               "Content-Length: 42\r\n\r\n" GZIP_TWICE,
            0, "hello", 0),
    DECODED("deflate",
            OK "Content-Encoding: deflate\r\nContent-Length: 13\r\n"
               "\r\nx\234\313H\315\311\311\007\0\006,\002\025",
            0, "hello", 0),
    DECODED("deflate_raw",
            OK "Content-Encoding: deflate\r\nContent-Length: 7"
               "\r\n\r\n\313H\315\311\311\007\0",
            0, "hello", 0),
    DECODED("coding_unknown", OK "Content-Encoding: x-odd\r\n" CL5 "\r\nhello",
            0, "hello", HTTP_NOTE_CODING_UNKNOWN),
    ROW("codings_six",
        OK "Content-Encoding: gzip,gzip,gzip,gzip,gzip,gzip\r\n" CL5
           "\r\nhello",
        SC_ETOOBIG, "", 0, 0, DECODE, 0),
    ROW("s304_gzip", "HTTP/1.1 304 Same\r\nContent-Encoding: gzip\r\n\r\n", 0,
        "", 1, 0, DECODE, 304),
    ROW("s204_gzip", "HTTP/1.1 204 No\r\nContent-Encoding: gzip\r\n\r\n", 0, "",
        1, 0, DECODE, 204),
    ROW("head_gzip", OK "Content-Encoding: gzip\r\n" CL5 "\r\n", 0, "", 1, 0,
        DECODE | HEAD, 0),
    ROW("gzip_of_nothing",
        OK "Content-Encoding: gzip\r\n" CHUNKED "\r\n0\r\n\r\n", 0, "", 1, 0,
        DECODE, 0),
};
#define N_ROWS (sizeof rows / sizeof rows[0])

/* --- the server --- */

static struct sc_listener *listener;
static const struct row *row;
static int connections, requests;
static char where[64];

static int read_request(SimpleClient *c, bool *next)
{
    struct sc_span line;
    int rc = sc_readline(c, &line);

    if (rc < 0)
        return rc;
    *next = memmem(line.data, line.len, "/next", 5) != NULL;
    while ((rc = sc_readline(c, &line)) == 0 && line.len > 0)
        continue;
    return rc;
}

static void answer(SimpleClient *c)
{
    struct sc_buf all = {0};

    sc_buf_add(&all, row->answer, row->n);
    for (int i = 0; i < row->repeated; i++)
        sc_buf_add(&all, row->piece, strlen(row->piece));
    if (row->tail != NULL)
        sc_buf_add(&all, row->tail, strlen(row->tail));
    sc_write(c, all.data, all.len);
    sc_flush(c);
    sc_buf_free(&all);
}

static void serve(void *arg)
{
    static const char next_answer[] = OK "Content-Length: 4\r\n\r\nnext";
    SimpleClient *c = sc_attach(&sc_simple_class, arg, NULL);
    bool next = false;

    connections++;
    while (read_request(c, &next) == 0) {
        requests++;
        if (next) {
            sc_write(c, next_answer, sizeof next_answer - 1);
            sc_flush(c);
            continue;
        }
        answer(c);
        if (row->flags & CLOSES)
            break;
    }
    sc_drop(c);
}

static void accept_all(void *arg)
{
    Stream *s;

    (void)arg;
    while ((s = sc_accept(listener, -1, NULL)) != NULL)
        sc_task_go(NULL, serve, s);
}

/* --- the client --- */

static struct http_reply reply;

static int read_body(HTTPClient *h, struct sc_buf *out)
{
    Stream *s = http_getfile(h);
    char piece[100];
    ssize_t n;

    assert_non_null(s);
    while ((n = sc_stream_read(s, piece, sizeof piece, NULL)) > 0)
        assert_int_equal(sc_buf_add(out, piece, (size_t)n), 0);
    return (int)n;
}

static int in_steps(HTTPClient *h)
{
    int rc;

    http_putrequest(h, row->flags & HEAD ? "HEAD" : "GET", "/first");
    http_endheaders(h);
    reply.body.len = 0;
    sc_buf_add(&reply.body, "", 0);
    if ((rc = http_getreply(h, &reply)) < 0)
        return rc;
    if (row->flags & DECODE && (rc = http_decode(h)) < 0 && rc != SC_ENOTSUP)
        return rc;
    if ((rc = read_body(h, &reply.body)) == 0)
        reply.notes = h->count.notes;
    return rc;
}

static int in_one_call(HTTPClient *h)
{
    struct http_request q = {.method = row->flags & HEAD ? "HEAD" : "GET"};

    q.flags = row->flags & LENIENT ? HTTP_LENIENT : 0;
    return http_exchange(h, &q, "/first", &reply);
}

static void check_first(int rc)
{
    if (rc != row->rc)
        fail_msg("%d, not %d: %s", rc, row->rc, reply.error.text);
    if (row->body != NULL)
        assert_string_equal(reply.body.data ? reply.body.data : "", row->body);
    if (rc < 0)
        return;
    assert_int_equal(reply.status, row->status != 0 ? row->status : 200);
    assert_int_equal(reply.notes, row->notes);
}

static void check_second(HTTPClient *h)
{
    if (row->rc < 0 && !(row->flags & DECODE)) {
        assert_int_equal(http_client_get(h, "/next", &reply), row->rc);
        assert_int_equal(requests, 1);
        return;
    }
    if (row->rc < 0)
        return;
    if (http_client_get(h, "/next", &reply) < 0)
        fail_msg("%s", reply.error.text);
    assert_string_equal(reply.body.data, "next");
    assert_int_equal(reply.reused, row->reuse);
    assert_int_equal(connections, row->reuse ? 1 : 2);
}

static void try_row(int (*ask)(HTTPClient *h))
{
    HTTPClient *h = http_open(where, NULL);

    connections = requests = 0;
    h->lenient = row->flags & LENIENT;
    check_first(ask(h));
    if (strcmp(row->name, "obs_fold") == 0)
        assert_string_equal(http_header(&reply, "X", ""), "a b");
    if (strcmp(row->name, "i103") == 0)
        assert_string_equal(http_header(&reply, "X", ""), "");
    check_second(h);
    http_close(h);
    http_reply_free(&reply);
}

static void one_row(void **state)
{
    row = *state;
    if (row->flags & DECODE && !sc_coding_known(SC_CODING_GZIP))
        skip();
    try_row(in_steps);
    if (!(row->flags & DECODE))
        try_row(in_one_call);
}

/* --- all of them --- */

int main(int argc, char **argv)
{
    static struct CMUnitTest tests[N_ROWS];
    int64_t server;
    int rc;

    for (size_t i = 0; i < N_ROWS; i++) {
        tests[i].name = rows[i].name;
        tests[i].test_func = one_row;
        tests[i].initial_state = (void *)&rows[i];
    }
    if ((listener = sc_listen("127.0.0.1:0", NULL)) == NULL)
        return 1;
    snprintf(where, sizeof where, "%s", sc_listener_name(listener));
    server = sc_task_go(NULL, accept_all, NULL);
    rc = test_main(__FILE__, tests, N_ROWS, argc, argv, NULL, NULL);
    sc_task_cancel(server);
    sc_run();
    sc_listener_close(listener);
    return rc;
}
