/* clock.c - monotonic milliseconds, the wheel of deadlines and the heap of
 * sleeps, both behind one libuv timer per runtime.
 *
 * The wheel fires an alarm up to one slot late and never early. Alarms beyond
 * its horizon (8 s) wait in its last slot and are put back when it is reached.
 */
#include "run/runtime.h"

#include "core/mem.h"

#include <string.h>

enum { TICK_MS = 32 };

int64_t sc_now(void)
{
    return (int64_t)(uv_hrtime() / 1000000);
}

int64_t sc_now_us(void)
{
    return (int64_t)(uv_hrtime() / 1000);
}

int64_t sc_until(int64_t ms)
{
    /* The clock is cut to milliseconds: one more, or it would be early. */
    int64_t now = sc_now() + 1;

    return ms < 0 || ms > INT64_MAX - now ? INT64_MAX : now + ms;
}

void sc_clock_init(struct sc_runtime *rt)
{
    for (int i = 0; i < SC_WHEEL_SLOTS; i++) {
        struct sc_alarm *head = &rt->wheel.slot[i];
        head->prev = head->next = head;
    }
    rt->wheel.tick = sc_now() / TICK_MS;
    rt->timer_due = INT64_MAX;
}

void sc_clock_free(struct sc_runtime *rt)
{
    sc_free(rt->sleeps.heap);
    rt->sleeps.heap = NULL;
}

/* --- the timer --- */

static void set_timer(struct sc_runtime *rt, int64_t due)
{
    int64_t now;

    if (due >= rt->timer_due || rt->closing)
        return;
    /* The loop's own time is stale after CPU work and would fire early. */
    uv_update_time(rt->loop);
    now = sc_now();
    rt->timer_due = due;
    uv_timer_start(&rt->timer, sc_on_timer,
                   due > now ? (uint64_t)(due - now) : 0, 0);
}

static int64_t slot_due(int64_t tick)
{
    return (tick + 1) * TICK_MS;
}

/* When the next slot that may have alarms comes. */
static int64_t next_slot(const struct sc_wheel *w)
{
    for (int64_t i = 1; i <= SC_WHEEL_SLOTS; i++) {
        size_t s = (size_t)(w->tick + i) % SC_WHEEL_SLOTS;

        if (w->used[s / 64] == 0)
            i += 63 - (int64_t)(s % 64);
        else if (w->used[s / 64] >> (s % 64) & 1)
            return slot_due(w->tick + i);
    }
    return INT64_MAX;
}

/* --- alarms --- */

static int64_t tick_of(const struct sc_wheel *w, int64_t when)
{
    int64_t tick = when / TICK_MS;

    if (tick <= w->tick)
        return w->tick + 1;
    if (tick > w->tick + SC_WHEEL_SLOTS - 1)
        return w->tick + SC_WHEEL_SLOTS - 1;
    return tick;
}

static void unlink_alarm(struct sc_alarm *a)
{
    a->prev->next = a->next;
    a->next->prev = a->prev;
    a->prev = a->next = NULL;
}

void sc_alarm_at(struct sc_runtime *rt, struct sc_alarm *a, int64_t when)
{
    struct sc_wheel *w = &rt->wheel;
    struct sc_alarm *head;
    int64_t tick;

    if (when == INT64_MAX || (a->next != NULL && a->when <= when))
        return;
    if (a->next != NULL)
        unlink_alarm(a);
    a->when = when;
    tick = tick_of(w, when);
    head = &w->slot[(size_t)tick % SC_WHEEL_SLOTS];
    a->prev = head->prev;
    a->next = head;
    head->prev->next = a;
    head->prev = a;
    w->used[(size_t)tick % SC_WHEEL_SLOTS / 64] |= UINT64_C(1)
                                                   << ((size_t)tick % 64);
    set_timer(rt, slot_due(tick));
}

void sc_alarm_remove(struct sc_runtime *rt, struct sc_alarm *a)
{
    (void)rt;
    if (a->next != NULL)
        unlink_alarm(a);
}

/* One by one: what is resumed may remove any other. */
static void fire_slot(struct sc_runtime *rt, size_t s, int64_t now)
{
    struct sc_alarm *head = &rt->wheel.slot[s];

    rt->wheel.used[s / 64] &= ~(UINT64_C(1) << (s % 64));
    while (head->next != head) {
        struct sc_alarm *a = head->next;

        unlink_alarm(a);
        if (a->when > now)
            sc_alarm_at(rt, a, a->when);
        else
            a->fire(a);
    }
}

static void turn_wheel(struct sc_runtime *rt, int64_t now)
{
    int64_t last = now / TICK_MS - 1;

    if (last - rt->wheel.tick > SC_WHEEL_SLOTS)
        rt->wheel.tick = last - SC_WHEEL_SLOTS;
    while (rt->wheel.tick < last) {
        rt->wheel.tick++;
        fire_slot(rt, (size_t)rt->wheel.tick % SC_WHEEL_SLOTS, now);
    }
}

/* --- sleeps --- */

static void place(struct sc_sleeps *h, size_t i, struct sc_sleeper *s)
{
    h->heap[i] = s;
    s->at = i;
}

static void sift_up(struct sc_sleeps *h, size_t i, struct sc_sleeper *s)
{
    while (i > 0 && h->heap[(i - 1) / 2]->when > s->when) {
        place(h, i, h->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    place(h, i, s);
}

static void sift_down(struct sc_sleeps *h, size_t i, struct sc_sleeper *s)
{
    for (;;) {
        size_t kid = 2 * i + 1;

        if (kid + 1 < h->n && h->heap[kid + 1]->when < h->heap[kid]->when)
            kid++;
        if (kid >= h->n || h->heap[kid]->when >= s->when)
            break;
        place(h, i, h->heap[kid]);
        i = kid;
    }
    place(h, i, s);
}

int sc_sleep_add(struct sc_runtime *rt, struct sc_sleeper *s)
{
    struct sc_sleeps *h = &rt->sleeps;

    if (h->n == h->cap) {
        size_t cap = h->cap ? 2 * h->cap : 64;
        struct sc_sleeper **heap = sc_realloc(h->heap, cap * sizeof *heap);
        if (heap == NULL)
            return SC_ENOMEM;
        h->heap = heap;
        h->cap = cap;
    }
    sift_up(h, h->n++, s);
    set_timer(rt, s->when);
    return 0;
}

void sc_sleep_remove(struct sc_runtime *rt, struct sc_sleeper *s)
{
    struct sc_sleeps *h = &rt->sleeps;
    struct sc_sleeper *last;

    if (s->at >= h->n || h->heap[s->at] != s)
        return;
    last = h->heap[--h->n];
    if (last == s)
        return;
    if (last->when < s->when)
        sift_up(h, s->at, last);
    else
        sift_down(h, s->at, last);
}

static void wake_sleepers(struct sc_runtime *rt, int64_t now)
{
    while (rt->sleeps.n > 0 && rt->sleeps.heap[0]->when <= now) {
        struct sc_sleeper *s = rt->sleeps.heap[0];

        sc_sleep_remove(rt, s);
        sc_wake(rt, &s->waiter, 0);
    }
}

void sc_on_timer(uv_timer_t *timer)
{
    struct sc_runtime *rt = timer->data;
    int64_t now = sc_now(), due;

    if (rt->timer_due == INT64_MIN)
        return; /* called from within itself */
    sc_enter_callback(rt);
    /* Woken tasks set deadlines: they are all seen by the lines below. */
    rt->timer_due = INT64_MIN;
    wake_sleepers(rt, now);
    turn_wheel(rt, now);
    sc_leave_callback(rt);
    rt->timer_due = INT64_MAX;
    due = next_slot(&rt->wheel);
    if (rt->sleeps.n > 0 && rt->sleeps.heap[0]->when < due)
        due = rt->sleeps.heap[0]->when;
    set_timer(rt, due);
}
