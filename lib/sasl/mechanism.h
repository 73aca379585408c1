/* mechanism.h - what the mechanisms share: the class of each, what an exchange
 * holds, how a response is said. Private to sasl/ and its tests. */
#ifndef SC_SASL_MECHANISM_H
#define SC_SASL_MECHANISM_H

#include <simpleclient/sasl.h>

#include "sasl/digest.h"

enum { SC_SASL_TOKEN_MAX = 65536 }; /* bytes of a challenge or response */

/* What a mechanism asks of a login, and what is to be known of it. */
enum sc_sasl_trait {
    SC_SASL_USER = 1,
    SC_SASL_PASSWORD = 2,
    SC_SASL_TOKEN = 4,
    SC_SASL_BINDING = 8,
    SC_SASL_SHOWS = 16,    /* the password, or what is as good as one */
    SC_SASL_ACTS = 32,     /* it can name another user to act as */
    SC_SASL_NAMED = 64,    /* never chosen unless it is named */
    SC_SASL_PREPARED = 128 /* the password is UTF-8 (SASLprep, RFC 4013) */
};

struct sc_sasl_class {
    const char *name;
    unsigned traits;            /* enum sc_sasl_trait */
    bool first;                 /* the client speaks first */
    enum sc_digest_kind digest; /* where there is one */
    /* Take a challenge and say (sc_sasl_say) the response. STEPS counts the
     * calls before. Returns 0 or, after sc_sasl_fail, an error. */
    int (*step)(struct sc_sasl *s, struct sc_span challenge,
                struct sc_buf *out);
    /* The next step takes long. */
    bool (*heavy)(const struct sc_sasl *s);
    /* May the server say success now, with DATA? Returns as step. */
    int (*succeeded)(struct sc_sasl *s, struct sc_span data);
};

struct sc_sasl {
    const struct sc_sasl_class *cls;
    char *user, *password, *token, *authzid, *host; /* NULL: none */
    int port;
    char *binding_type; /* NULL: there is no binding */
    struct sc_buf binding;
    bool server_binds; /* it offers some -PLUS */
    int steps;         /* taken so far */
    bool complete;     /* all is said: the server may say success */
    int failed;        /* 0, or with what */
    struct sc_buf said;
    char why[160];

    struct sc_scram {
        char nonce[64];     /* "": to be drawn */
        struct sc_buf gs2;  /* header: "n,,", "p=tls-exporter,," */
        struct sc_buf bare; /* client-first-message-bare */
        unsigned char signature[SC_DIGEST_MAX]; /* the server's */
    } scram;
};

/* All classes, the strongest first; ends with NULL. CRAM-MD5 stands there
 * twice. */
extern const struct sc_sasl_class *const sc_sasl_classes[];

/* What classes inherit: nothing takes long; success once COMPLETE, without
 * data. */
bool sc_sasl_never_heavy(const struct sc_sasl *s);
int sc_sasl_complete(struct sc_sasl *s, struct sc_span data);

/* Append a response of N spans. OUT never grows on the way, so that no copy is
 * left behind. Returns 0, SC_ETOOBIG or SC_ENOMEM (failed: OUT unchanged). */
int sc_sasl_say(struct sc_sasl *s, struct sc_buf *out, const struct sc_span *v,
                size_t n);
/* Note one line on what went wrong. Returns CODE. */
int sc_sasl_fail(struct sc_sasl *s, int code, const char *fmt, ...)
    SC_PRINTF(3, 4);
/* Keep what the server said (control characters as '?'). */
int sc_sasl_note(struct sc_sasl *s, struct sc_span said);
/* Append NAME with "," and "=" as "=2C" and "=3D" (RFC 5802 section 5.1,
 * saslname). Returns as sc_buf_add. */
int sc_sasl_name_add(struct sc_buf *out, const char *name);
/* Wipe and free. */
void sc_sasl_wipe(struct sc_buf *b);

/* sasl_scram.c: use NONCE instead of a random one (for tests). */
void sc_scram_fix_nonce(struct sc_sasl *s, const char *nonce);

extern const struct sc_sasl_class sc_sasl_plain, sc_sasl_login_class,
    sc_sasl_external, sc_sasl_cram_md5, sc_sasl_scram_sha1,
    sc_sasl_scram_sha256, sc_sasl_scram_sha1_plus, sc_sasl_scram_sha256_plus,
    sc_sasl_xoauth2, sc_sasl_oauthbearer;

#endif
