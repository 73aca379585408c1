/* nntp_fetch_work.c - the articles that are still to be asked for: message-ids,
 * or numbers in runs, or what the server before lacked; and what came back from
 * connections that died. A group without gaps is one run. */

#include <string.h>

#include "core/mem.h"
#include "nntp/nntp_fetch.h"

int nntp_work_reserve(struct nntp_work *w, size_t out)
{
    w->again = sc_malloc(out * sizeof *w->again);
    return w->again != NULL ? 0 : SC_ENOMEM;
}

void nntp_work_free(struct nntp_work *w)
{
    sc_buf_free(&w->runs);
    sc_buf_free(&w->missed);
    sc_buf_free(&w->lacking);
    sc_buf_free(&w->names);
    sc_free(w->again);
}

/* --- runs --- */

static struct nntp_run *last_run(struct nntp_work *w)
{
    char *end = w->runs.data + w->runs.len;

    return (struct nntp_run *)(void *)(end - sizeof(struct nntp_run));
}

int nntp_work_add(struct nntp_work *w, uint64_t first, uint64_t n)
{
    struct nntp_run run = {first, n}, *last;
    int rc = 0;

    last = w->runs.len > 0 ? last_run(w) : NULL;
    if (last != NULL && last->first + last->n == first)
        last->n += n;
    else
        rc = sc_buf_add(&w->runs, &run, sizeof run);
    if (rc == 0)
        w->fresh += n;
    return rc;
}

void nntp_work_clear(struct nntp_work *w)
{
    w->runs.len = 0;
    w->run = 0;
    w->fresh = 0;
}

static uint64_t next_number(struct nntp_work *w)
{
    struct nntp_run *run = (struct nntp_run *)(void *)w->runs.data + w->run;
    uint64_t number = run->first++;

    if (--run->n == 0)
        w->run++;
    return number;
}

/* --- taking --- */

bool nntp_work_take(struct nntp_work *w, struct nntp_want *out)
{
    struct nntp_want *missed = (struct nntp_want *)(void *)w->missed.data;

    if (w->n_again > 0)
        *out = w->again[--w->n_again];
    else if (w->fresh == 0)
        return false;
    else {
        w->fresh--;
        if (w->missed.len > 0)
            *out = missed[w->done++];
        else
            *out = (struct nntp_want){.index = w->index++,
                                      .number =
                                          w->ids == NULL ? next_number(w) : 0};
    }
    w->out++;
    return true;
}

/* There is room for all that are out. */
void nntp_work_give_back(struct nntp_work *w, const struct nntp_want *x)
{
    struct nntp_want want = *x; /* it may lie in what is moved */
    size_t at = w->n_again++;

    for (; at > 0 && w->again[at - 1].index < want.index; at--)
        w->again[at] = w->again[at - 1];
    w->again[at] = want;
    w->out--;
}

/* --- the next server --- */

static int keep_id(struct nntp_work *w, struct nntp_want *x, const char *id)
{
    x->id = w->names.len + 1;
    return sc_buf_add(&w->names, id, strlen(id) + 1);
}

int nntp_work_lacks(struct nntp_work *w, const struct nntp_want *x,
                    const char *id)
{
    struct nntp_want want = *x;
    int rc = 0;

    w->out--;
    want.look = false;
    if (id != NULL)
        rc = keep_id(w, &want, id);
    return rc < 0 ? rc : sc_buf_add(&w->lacking, &want, sizeof want);
}

void nntp_work_turn(struct nntp_work *w)
{
    struct sc_buf old = w->missed;

    w->missed = w->lacking;
    w->lacking = old;
    w->lacking.len = 0;
    w->done = 0;
    w->fresh = w->missed.len / sizeof(struct nntp_want);
}

const char *nntp_work_id(const struct nntp_work *w, const struct nntp_want *x)
{
    if (w->ids != NULL)
        return w->ids[x->index];
    return x->id > 0 ? w->names.data + x->id - 1 : "";
}
