/* pop3_box.c - LIST and UIDL of a whole mailbox put together: gaps and any order
 * are lawful, a message that is named twice is not. */

#include "pop3/pop3_box.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

void pop3_box_free(struct pop3_box *b)
{
    sc_free(b->item);
    sc_buf_free(&b->uids);
    *b = (struct pop3_box){0};
}

struct pop3_message pop3_box_message(const struct pop3_box *b,
                                     const struct pop3_item *i)
{
    const char *uid = i->uid != 0 ? b->uids.data + i->uid : "";

    return (struct pop3_message){i->number, uid, i->size};
}

static int wrong(struct pop3_box *b, const char *why)
{
    b->wrong = why;
    return SC_EPROTO;
}

/* --- LIST --- */

static int grow(struct pop3_box *b)
{
    size_t cap = b->cap != 0 ? 2 * b->cap : 64;
    struct pop3_item *item;

    if (b->n >= POP3_BOX_MOST)
        return SC_ETOOBIG;
    if ((item = sc_realloc(b->item, cap * sizeof *item)) == NULL)
        return SC_ENOMEM;
    b->item = item;
    b->cap = cap;
    return 0;
}

static int add_size(void *arg, uint32_t number, uint64_t size)
{
    struct pop3_box *b = arg;
    int rc;

    if (b->n == b->cap && (rc = grow(b)) < 0)
        return rc;
    b->item[b->n++] = (struct pop3_item){.size = size, .number = number};
    return 0;
}

static int by_number(const void *a, const void *b)
{
    const struct pop3_item *x = a, *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

/* Most servers keep the order: then nothing is sorted. */
static int sort(struct pop3_box *b)
{
    bool ascending = true;

    b->sorted = true;
    for (size_t i = 1; i < b->n; i++)
        ascending &= b->item[i - 1].number < b->item[i].number;
    if (ascending)
        return 0;
    qsort(b->item, b->n, sizeof *b->item, by_number);
    for (size_t i = 1; i < b->n; i++)
        if (b->item[i - 1].number == b->item[i].number)
            return wrong(b, "LIST names a message twice");
    return 0;
}

/* --- UIDL --- */

static struct pop3_item *find(struct pop3_box *b, uint32_t number)
{
    struct pop3_item key = {.number = number};

    if (b->at < b->n && b->item[b->at].number == number)
        return &b->item[b->at++];
    if (b->n == 0)
        return NULL;
    return bsearch(&key, b->item, b->n, sizeof key, by_number);
}

/* What LIST does not name is not there. */
static int add_uid(void *arg, uint32_t number, const char *uid)
{
    struct pop3_box *b = arg;
    struct pop3_item *item;
    int rc;

    if (!b->sorted && (rc = sort(b)) < 0)
        return rc;
    if ((item = find(b, number)) == NULL)
        return 0;
    if (item->uid != 0)
        return wrong(b, "UIDL names a message twice");
    item->uid = (uint32_t)b->uids.len;
    return sc_buf_add(&b->uids, uid, strlen(uid) + 1);
}

/* --- both --- */

struct asking {
    struct pop3_lines lines;
    struct sc_answer answer;
};

static void ask(POP3Client *p, const char *command, struct asking *a)
{
    sc_writeline(&p->base, "%s", command);
    sc_await_dot(&p->base, &a->answer, pop3_lines_sink, &a->lines);
}

static int both(struct pop3_box *b, POP3Client *p)
{
    struct asking list = {.lines = {.line = pop3_size_line, .arg = b}};
    struct asking uidl = {.lines = {.line = pop3_uid_line, .arg = b}};
    bool uids = !b->no_uids && !pop3_lacks(p, POP3_CAP_UIDL);
    int rc;

    list.lines.to.size = add_size;
    uidl.lines.to.uid = add_uid;
    sc_window(&p->base, p->caps.have & POP3_CAP_PIPELINING ? 4 : 1);
    ask(p, "LIST", &list);
    if (uids)
        ask(p, "UIDL", &uidl);
    if ((rc = sc_answered(&p->base, NULL)) < 0)
        return rc;
    if (list.answer.code != 200)
        return pop3_refused(p, "LIST", 0, list.answer.text);
    b->has_uids = uids && uidl.answer.code == 200;
    return b->sorted ? 0 : sort(b);
}

int pop3_box_read(struct pop3_box *b, POP3Client *p)
{
    int rc;

    b->uids.limit = POP3_UIDS_MOST;
    if ((rc = sc_buf_add(&b->uids, "", 1)) < 0)
        return sc_fail(&p->base, rc, "%s", sc_strerror(rc));
    return both(b, p);
}
