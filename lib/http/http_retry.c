/* http_retry.c - trying again: on what looks like it will pass (RFC 9110
 * section 15.6.4 and 10.2.3), if asking twice does no harm, and while there is
 * time. What the caller has got already cannot be taken back: then there is no
 * other try. */

#include "http/http_retry.h"

#include <simpleclient/task.h>

enum { FIRST_MS = 1000, MOST_MS = 600000, DAY_MS = 86400000 };

int64_t http_retry_delay(const struct http_retry *r, int n, int64_t after_ms)
{
    int64_t ms = FIRST_MS;

    while (--n > 0 && ms < MOST_MS)
        ms *= 2;
    if (ms > MOST_MS)
        ms = MOST_MS;
    if (r->delay_ms > 0)
        ms = r->delay_ms;
    return after_ms > ms ? after_ms : ms;
}

static bool status_passes(const struct http_call *k)
{
    switch (k->reply->status) {
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
        return true;
    default:
        return k->q->retry->all && k->reply->status >= 400 &&
               k->opt->flags & SC_OPT_FAIL_STATUS;
    }
}

/* What would fail in the same way for ever, or was the caller's wish. */
static bool is_final(int rc)
{
    switch (rc) {
    case SC_ECANCELED:
    case SC_ECLOSED:
    case SC_ENOMEM:
    case SC_EINVAL:
    case SC_EURL:
    case SC_EACCES:
    case SC_ENOTSUP:
    case SC_EWRONGLOOP:
    case SC_EFORK:
    case SC_ELINE:
        return true;
    default:
        return false;
    }
}

static bool error_passes(const struct http_call *k, int rc)
{
    const struct http_retry *r = k->q->retry;
    int phase = k->reply->error.phase;

    if (is_final(rc))
        return false;
    if (r->all || rc == SC_ETIMEDOUT || rc == SC_ERESOLVE)
        return true;
    return phase == SC_PHASE_CONNECT && (rc != SC_ECONNREFUSED || r->refused);
}

/* Nothing was sent, or it may be sent twice. */
static bool is_harmless(const struct http_call *k, int rc)
{
    return k->q->retry->all || k->q->flags & HTTP_IDEMPOTENT ||
           http_is_idempotent(k->method) ||
           (rc < 0 && k->reply->error.flags & SC_RETRY_SAFE);
}

static bool can_be_repeated(const struct http_call *k)
{
    const struct http_source *s = k->q->source;

    if (k->delivered && k->q->sink != NULL && k->again == NULL)
        return false;
    return !k->started || s == NULL || s->read == NULL || s->rewind != NULL;
}

/* A wait that ends after all time is over is not begun. */
static bool is_in_time(const struct http_call *k, int64_t wait)
{
    int64_t now = sc_now(), most = k->q->retry->max_ms;

    if (wait > DAY_MS || (k->until != INT64_MAX && now + wait >= k->until))
        return false;
    return most <= 0 || now + wait - k->begun / 1000 <= most;
}

bool http_retry_wanted(struct http_call *k, int rc)
{
    const struct http_retry *r = k->q->retry;
    int64_t wait;

    if (r == NULL || k->tries >= r->times || !can_be_repeated(k) ||
        !is_harmless(k, rc) ||
        !(rc < 0 ? error_passes(k, rc) : status_passes(k)))
        return false;
    wait = http_retry_delay(r, k->tries + 1,
                            rc < 0 ? -1 : k->reply->retry_after_ms);
    if (!is_in_time(k, wait) ||
        (r->told != NULL && r->told(r->told_arg, k->reply, wait) < 0))
        return false;
    k->tries++;
    k->wait_ms = wait;
    return true;
}
