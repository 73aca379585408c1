/* news_job.h - what one call is to do: which server, which group, who logs in, what
 * became of it. */
#ifndef CLIENTS_NEWSGET_JOB_H
#define CLIENTS_NEWSGET_JOB_H

#include <simpleclient/nntp.h>

#include "../term/password.h"
#include "news_options.h"
#include "news_ranges.h"

/* How far the dialogue has come: failures with one code are told apart by it. */
enum reached { REACHED_GREETING, REACHED_TLS, REACHED_LOGIN, REACHED_GROUP };

/* Articles by their names: a number and a message-id each. */
struct wanted {
    uint64_t *number;
    char **id; /* NULL behind the last */
    size_t n, room;
};

struct news_job {
    const struct news_options *o;
    struct sc_buf server; /* URL without login and path, ends in '/' */
    struct sc_buf user, url_password;
    struct sc_buf group;      /* decoded; empty: none */
    struct sc_buf group_path; /* as the URL has it */
    uint64_t first, last;     /* of the URL; FIRST 0: all; LAST 0: no end */
    char password[PASSWORD_MOST];
    char **backup; /* copies of --backup, NULL behind the last; or NULL */
    struct sc_options connect;
    int reached; /* enum reached */
    char greeting[200];

    struct ranges read; /* what the newsrc names */
    struct ranges done; /* safely stored now */
    struct wanted wanted;
    uint64_t odd;     /* articles whose names cannot be asked for */
    uint64_t plain;   /* articles without yEnc */
    uint64_t files;   /* that were decoded */
    uint64_t damaged; /* parts */
    uint64_t partial; /* files that are not complete */

    struct nntp_result over, r; /* of the overview before, of the fetching */
    struct {
        int code;       /* exit code; 0: none */
        char text[500]; /* why */
    } failed;           /* here, not there */
};

/* Returns 0 or an exit code, the reason told; free_job in every case. */
int make_job(struct news_job *j, const struct news_options *o);
void free_job(struct news_job *j);
/* Find the password, asking for it at last; nobody needs to log in. Returns as
 * above. */
int find_password(struct news_job *j);

/* The first failure is kept. Returns -1. */
int job_failed(struct news_job *j, int code, const char *fmt, ...)
    SC_PRINTF(3, 4);

/* Append one; ID is copied. Returns 0 or -1: no memory. */
int wanted_add(struct wanted *w, uint64_t number, struct sc_span id);

#endif
