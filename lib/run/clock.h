/* clock.h - monotonic milliseconds, and the wheel of deadlines: one per
 * runtime, 32 ms a slot. An entry that nobody needs any more is simply left
 * to expire; one whose deadline moved later is re-inserted when it fires. */
#ifndef SC_RUN_CLOCK_H
#define SC_RUN_CLOCK_H

#include <stdint.h>

struct sc_runtime;

/* A deadline of something that lives longer than one wait. FIRE is called with
 * the alarm off the wheel; it may wake, set the alarm again, or free it. */
struct sc_alarm {
    struct sc_alarm *prev, *next; /* NULL: not on the wheel */
    int64_t when;
    void (*fire)(struct sc_alarm *a);
};

/* See to it that FIRE is called at WHEN or up to one slot later. Cheap when
 * the alarm is already set for that time or earlier. */
void sc_alarm_at(struct sc_runtime *rt, struct sc_alarm *a, int64_t when);
void sc_alarm_remove(struct sc_runtime *rt, struct sc_alarm *a);

/* The clock of sc_now, in microseconds: for what is told, not for waits. */
int64_t sc_now_us(void);

/* Now plus MS, without overflow; MS < 0: for ever (INT64_MAX). */
int64_t sc_until(int64_t ms);

#endif
