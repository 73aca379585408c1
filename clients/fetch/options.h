/* options.h - the command line: what is asked for, as curl 7.88 reads it. */
#ifndef CLIENTS_FETCH_OPTIONS_H
#define CLIENTS_FETCH_OPTIONS_H

#include <simpleclient/options.h>

#include "fetch/memory.h"

/* A URL with the file that it goes to, or that goes to it; -o, -O and -T are
 * given to the URLs in the order in which they stand. */
struct target {
    char *url;
    char *output;   /* -o */
    bool by_name;   /* -O */
    bool out_told;  /* one of the two (or stdout) was said for this one */
    char *upload;   /* -T */
    bool no_upload; /* -T "" */
};

/* Options of TLS, of the server's side or the proxy's. */
struct tls_config {
    bool insecure;
    char *ca_file, *ca_dir, *cert, *key, *password, *ciphers, *suites;
    char *crl_file, *pins;
};

/* Options of one group of URLs; --next begins another. Times are in ms; a
 * negative number was not given. */
struct config {
    struct target *targets;
    size_t ntargets, next_url, next_out, next_up;

    /* the request */
    char *request; /* -X */
    bool head, get, has_data, json;
    struct sc_buf data;
    bool data_begun;
    struct sc_buf url_query;
    struct text_list forms; /* -F: "F" or "S" (--form-string) and the text */
    struct text_list headers, proxy_headers;
    char *agent, *referer, *range, *resume, *target, *bearer;
    unsigned flags; /* enum http_flag */
    bool follow, trusted, auto_referer, path_as_is, glob_off;
    bool no_user_in_url;
    int64_t max_redirects; /* -1: none; MAX_REDIRECTS_UNSET */
    char *time_cond;
    char *etag_save, *etag_compare;
    int64_t expect_ms;

    /* logins and cookies */
    char *user, *proxy_user;
    unsigned logins, proxy_logins; /* enum login */
    int netrc;                     /* 0, 1: -n, 2: --netrc-optional */
    char *netrc_file;
    struct text_list cookie_files;
    struct sc_buf cookies;
    bool cookie_engine, junk_session;
    char *jar;

    /* the way there */
    struct tls_config tls, proxy_tls;
    int64_t tls_min, tls_max;
    bool no_alpn, no_session_id;
    unsigned options; /* enum sc_option_flag */
    struct sc_buf resolve, connect_to;
    char *unix_socket, *interface, *proxy, *no_proxy;
    bool tunnel;
    int64_t keepalive_s;
    bool no_keepalive;
    char *protocols, *redir_protocols, *default_protocol;

    /* schemes that are not http */
    unsigned url_flags; /* enum url_flag */
    unsigned ftp_flags; /* enum ftp_flag */
    int ftp_method;     /* enum ftp_cwd; -1: it was not told */
    int starttls;       /* enum sc_starttls */
    char *ftp_port, *ftp_account, *ftp_alternative;
    struct text_list quotes; /* -Q */
    char *login_options, *authzid, *mail_from, *mail_auth;
    struct text_list mail_rcpt;
    bool rcpt_allowfails, crlf, plain_login;

    /* limits */
    int64_t max_ms, connect_ms, max_size, limit_rate, speed_limit, speed_time;
    int64_t retries, retry_delay_ms, retry_max_ms;
    bool retry_refused, retry_all;

    /* what comes out */
    bool include, fail, fail_with_body, remote_all, remote_header_name;
    bool remote_time, create_dirs, clobber, no_buffer, remove_on_error;
    char *output_dir, *dump_header, *write_out;
    int64_t file_mode; /* --create-file-mode, or -1 */

    struct config *next;
};

enum { MAX_REDIRECTS_UNSET = -2 };
enum login { LOGIN_BASIC = 1, LOGIN_DIGEST = 2, LOGIN_ANY = 4 };

/* The whole command line. */
struct command {
    struct config *first, *last;
    bool silent, show_error, bar, no_meter;
    bool parallel, parallel_immediate, fail_early;
    bool verbose, trace_ascii, trace_time, trace_secrets;
    char *trace, *stderr_to;
    int64_t parallel_max;
    int64_t pace_ms; /* --rate: between the beginnings of two */
    char *record;    /* the file of --record */
    bool help, version, dry_run;
    char *help_on;
    int depth; /* of -K files in each other */
};

/* Read the words of the program's call. Returns -1: go on; else the exit code,
 * the reason told on stderr. In every case: free_command. */
int read_command(struct command *k, int argc, char **argv);
void free_command(struct command *k);

/* One option: NAME without dashes, or a short one's letter. VALUE may be NULL.
 * *TAKEN: VALUE was its value. Passwords are overwritten where they stand.
 * Returns 0 or an exit code, told. */
int set_long(struct command *k, const char *name, char *value, bool *taken);
int set_letters(struct command *k, char *letters, char *value, bool *taken);
/* Add a URL to the last group. */
void add_url(struct command *k, const char *url);

/* -K FILE: options, one a line. Returns 0 or an exit code, told. */
int read_config(struct command *k, const char *path);

/* Say what is wrong with the use of the program. Returns 2. */
int wrong_use(const char *fmt, ...) SC_PRINTF(1, 2);

#endif
