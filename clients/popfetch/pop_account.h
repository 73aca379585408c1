/* pop_account.h - one mailbox: where it is, who logs in, what became of it. */
#ifndef CLIENTS_POPFETCH_ACCOUNT_H
#define CLIENTS_POPFETCH_ACCOUNT_H

#include <simpleclient/pop3.h>

#include "../term/aside.h"
#include "../term/password.h"
#include "pop_options.h"

/* How far a dialogue has come: failures with one code are told apart by it. */
enum reached { REACHED_GREETING, REACHED_TLS, REACHED_LOGIN, REACHED_MAILBOX };

struct pop_account {
    const struct pop_options *o;
    struct sc_buf server, user, url_password; /* of the URL */
    char password[PASSWORD_MOST];
    char name[200]; /* for people: "joe@mail.example.org" */
    bool one_of_many;
    const char *state; /* --new, or NULL */
    struct sc_options connect;
    int reached; /* enum reached */
    char greeting[200];
    struct aside aside; /* a message on its way to stdout */
    int stdout_error;   /* minus errno, or 0 */
    struct {
        bool on;
        uint64_t messages, bytes; /* that are wanted */
        struct sc_buf sizes;      /* uint64_t each */
        size_t counted;           /* of those, and */
        uint64_t done;            /* so many bytes */
    } progress;
    struct pop3_result r;
};

/* Make one for each URL; owned. Returns 0 or an exit code, the reason told; then
 * ALL is NULL. */
int make_accounts(const struct pop_options *o, struct pop_account **all);
void free_accounts(struct pop_account *all, size_t n);
/* Find all passwords, asking for them at last. Returns as above. */
int find_passwords(struct pop_account *all, size_t n);

/* An sc_trace_fn whose ARG is the account: notes how far it has come. */
void watch_account(void *arg, int direction, const char *text, size_t n);

#endif
