/* pop3_fetching.h - a mailbox of pop3_peer.h, and places to fetch it to. */
#ifndef TESTS_LOOPBACK_POP3_FETCHING_H
#define TESTS_LOOPBACK_POP3_FETCHING_H

#include "pop3_peer.h"
#include "scratch.h"

#define CAPS "USER\nUIDL\nTOP\nPIPELINING\n"

static struct scratch scratch;
static struct pop3_peer peer;
static struct pop3_result r;
static char dir[200], file[200], state_file[200];

static inline int make(void **state)
{
    (void)state;
    scratch = scratch_new();
    snprintf(dir, sizeof dir, "%s/Mail", scratch.dir);
    snprintf(file, sizeof file, "%s/mbox", scratch.dir);
    snprintf(state_file, sizeof state_file, "%s/state", scratch.dir);
    pop3_peer_start(&peer, CAPS);
    return 0;
}

static inline int clean(void **state)
{
    (void)state;
    scratch_disk(RLIM_INFINITY);
    pop3_peer_stop(&peer);
    pop3_result_free(&r);
    scratch_free(&scratch);
    return 0;
}

static inline int in_new(char name[700])
{
    char path[300];

    snprintf(path, sizeof path, "%s/new", dir);
    return scratch_count(path, name);
}

static inline int in_tmp(void)
{
    char path[300];

    snprintf(path, sizeof path, "%s/tmp", dir);
    return scratch_count(path, NULL);
}

static inline int fetch(struct pop3_fetch how)
{
    static const struct sc_options opt = {.wait_ms = 5000};

    if (how.options == NULL)
        how.options = &opt;
    return pop3_fetch(peer.url, &how, &r);
}

static inline void assert_result(uint64_t fetched, uint64_t skipped,
                                 uint64_t deleted, uint64_t undecided)
{
    if (r.fetched != fetched || r.skipped != skipped || r.deleted != deleted ||
        r.undecided != undecided)
        fail_msg("fetched %d, skipped %d, deleted %d, undecided %d: %s",
                 (int)r.fetched, (int)r.skipped, (int)r.deleted,
                 (int)r.undecided, r.error.text);
}

#endif
