/* nntp_compress.c - COMPRESS DEFLATE (RFC 8054): a raw deflate stream put between
 * the client and what it talked over, TLS or not. */

#include "client/conn.h"
#include "nntp/nntp_client.h"
#include "stream/recorder.h"

/* What came behind 206 is compressed already: it goes in first. */
static int wrap(NNTPClient *n)
{
    SimpleClient *c = &n->base;
    struct sc_conn *k = c->conn;
    int ratio = sc_client_options(c)->ratio_limit;
    struct sc_error e = {0};
    struct sc_recorder *r = sc_conn_record_off(k);
    Stream *low = sc_conn_take_stream(c), *s = NULL;

    if (low == NULL) {
        sc_recorder_free(r);
        return sc_break(c, SC_ENOMEM, "%s", sc_strerror(SC_ENOMEM));
    }
    sc_conn_took(k, k->rend - k->rpos);
    s = sc_deflate_wrap(low, SC_CODING_DEFLATE, 0, ratio, &e);
    k->s = s != NULL ? s : low;
    if (s == NULL) {
        sc_recorder_free(r);
        return sc_break(c, e.code, "%s", e.text);
    }
    n->compressed = true;
    sc_conn_trace(k, '*', "DEFLATE", 7);
    return r != NULL ? sc_conn_record_again(c, r, "D.") : 0;
}

static int check(NNTPClient *n)
{
    int rc = nntp_begin(n);

    if (rc < 0)
        return rc;
    if (n->compressed)
        return nntp_fail(n, SC_EINVAL, "it is compressed already");
    if (!sc_coding_known(SC_CODING_DEFLATE))
        return nntp_fail(n, SC_ENOTSUP, "built without compression");
    if (nntp_lacks(n, NNTP_CAP_COMPRESS_DEFLATE))
        return nntp_fail(n, SC_ENOTSUP, "the server has no COMPRESS DEFLATE");
    return 0;
}

/* 502 says that it cannot be now, and the connection goes on (section 2.2). */
int nntp_compress(NNTPClient *n)
{
    struct sc_reply r;
    int code, rc = check(n);

    if (rc < 0)
        return rc;
    sc_writeline(&n->base, "COMPRESS DEFLATE");
    if ((code = nntp_reply(n, &r)) < 0)
        return code;
    if (code != 206)
        return sc_refuse(&n->base, &r);
    if ((rc = wrap(n)) < 0)
        return rc;
    rc = nntp_ask_capabilities(n);
    return rc == SC_EREPLY && sc_broken(&n->base) == 0 ? 0 : rc;
}
