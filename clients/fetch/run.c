/* run.c - jobs of the plan, each a transfer: in turn, or taken by as many tasks
 * as -Z --parallel-max allows. The exit code is that of the last transfer, or
 * in parallel of the last that failed (curl's rule). */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simpleclient/task.h>

#include "fetch/dry_run.h"
#include "fetch/program.h"
#include "fetch/run.h"
#include "fetch/transfer.h"

/* The group of options made ready, and those before it. */
struct ready {
    struct prepared prepared;
    struct ready *next;
};

struct run {
    struct command *command;
    struct plan plan;
    struct ready *all;
    struct sc_group *group;
    int64_t begun; /* the latest transfer; --rate */
    bool over;     /* nothing more is begun */
    int code;
};

static void save_jars(struct run *r)
{
    for (struct ready *a = r->all; a != NULL; a = a->next)
        finish_prepared(&a->prepared);
}

static int prepared_for(struct run *r, struct config *c, struct prepared **p)
{
    struct ready *ready = r->all;
    int code = 0;

    while (ready != NULL && ready->prepared.config != c)
        ready = ready->next;
    if (ready == NULL) {
        if (!r->command->dry_run)
            save_jars(r); /* a later group may read what an earlier one wrote */
        ready = take_memory(sizeof *ready);
        ready->next = r->all;
        r->all = ready;
        code = prepare(&ready->prepared, r->command, c);
    }
    *p = &ready->prepared;
    return code;
}

/* --rate: only for one after the other, as in curl. */
static void keep_pace(struct run *r)
{
    int64_t left = r->begun + r->command->pace_ms - sc_now();

    if (r->command->pace_ms == 0 || r->command->parallel)
        return;
    if (r->begun > 0 && left > 0)
        sc_sleep(left);
    r->begun = sc_now();
}

/* Take the next job and do it. Returns false: there is none. */
static bool do_next(struct run *r, struct transfer *t)
{
    struct prepared *p;
    struct job j;
    int code = r->over ? 0 : plan_next(&r->plan, &j);

    if (code < 0) {
        r->code = -code;
        r->over = true;
    }
    if (code <= 0)
        return false;
    if ((code = prepared_for(r, j.config, &p)) != 0) {
        job_free(&j);
        r->over = true;
    } else {
        keep_pace(r);
        code = transfer_run(t, &j, p);
        if (r->over) /* meanwhile, by another: its code counts */
            return false;
    }
    if (code != 0 || !r->command->parallel)
        r->code = code;
    if (code != 0 && r->command->fail_early && !r->over) {
        r->over = true;
        sc_group_cancel(r->group);
    }
    return !r->over;
}

static void work(void *arg)
{
    struct transfer *t = take_memory(sizeof *t);

    while (do_next(arg, t))
        continue;
    transfer_free(t);
    free(t);
}

/* All groups, before tasks that could meet one half ready. */
static int prepare_all(struct run *r)
{
    struct prepared *p;
    int code = 0;

    for (struct config *c = r->command->first; c != NULL && code == 0;
         c = c->next)
        code = prepared_for(r, c, &p);
    return code;
}

static void run_parallel(struct run *r)
{
    int64_t n = r->command->parallel_max;

    if ((r->code = prepare_all(r)) != 0)
        return;
    r->group = sc_group_new(NULL, 0);
    for (int64_t i = 0; i < n; i++)
        sc_group_go(r->group, work, r);
    if (sc_group_wait(r->group) < 0 && r->code == 0) {
        fprintf(stderr, "%s: no memory\n", fetch_program.name);
        r->code = 27;
    }
}

static void put_away(struct run *r)
{
    struct ready *next;

    if (!r->command->dry_run)
        save_jars(r);
    for (; r->all != NULL; r->all = next) {
        next = r->all->next;
        free_prepared(&r->all->prepared);
        free(r->all);
    }
    plan_free(&r->plan);
}

int run_command(struct command *k)
{
    struct run r = {.command = k, .plan = {.command = k}};

    if (k->dry_run && (r.code = dry_run_begin()) != 0)
        return r.code;
    if (k->parallel && !k->dry_run)
        run_parallel(&r);
    else
        work(&r);
    put_away(&r);
    dry_run_end();
    return r.code;
}
