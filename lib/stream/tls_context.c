/* tls_context.c - SSL_CTX made from sc_tls_options: trust, own certificate,
 * versions, ALPN of a server, the key log. Reading the system's trust costs
 * milliseconds, so contexts are kept by the options' values (with the files'
 * times) in a small ring for the whole process. A server that is given a CA
 * asks its clients for a certificate, and insists. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "core/mem.h"
#include "stream/tls_context.h"
#include "stream/tls_ring.h"

enum { CONTEXTS = 16, KEY_LIMIT = 16384 };

/* What our callbacks need to know of a context; hangs on it. */
struct extra {
    char *key_log;
    struct sc_buf alpn; /* in wire form */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int extra_index = -1;

const char *sc_tls_reason(char *text, size_t size)
{
    unsigned long code = ERR_get_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;

    if (reason != NULL)
        snprintf(text, size, "%s", reason);
    else if (code != 0)
        ERR_error_string_n(code, text, size);
    else
        snprintf(text, size, "the connection is in disorder");
    ERR_clear_error();
    return text;
}

static void extra_free(void *parent, void *p, CRYPTO_EX_DATA *ad, int index,
                       long argl, void *argp)
{
    struct extra *x = p;

    (void)parent, (void)ad, (void)index, (void)argl, (void)argp;
    if (x == NULL)
        return;
    sc_free(x->key_log);
    sc_buf_free(&x->alpn);
    sc_free(x);
}

static void context_once(void)
{
    extra_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, extra_free);
}

/* --- the key --- */

static int key_add(struct sc_buf *key, const char *name, const char *value)
{
    if (value == NULL)
        return 0;
    return sc_buf_addf(key, "%s=%zu:%s;", name, strlen(value), value);
}

/* A certificate that was renewed in place makes a new context. */
static int key_add_file(struct sc_buf *key, const char *name, const char *path)
{
    struct stat st;
    int rc = key_add(key, name, path);

    if (rc < 0 || path == NULL || stat(path, &st) < 0)
        return rc;
    return sc_buf_addf(key, "@%lld.%ld,%lld,%llu;", (long long)st.st_mtime,
                       st.st_mtim.tv_nsec, (long long)st.st_size,
                       (unsigned long long)st.st_ino);
}

/* The key is kept: the password itself is not in it. */
static int key_add_secret(struct sc_buf *key, const char *name,
                          const char *value)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    int rc = 0;

    if (value == NULL)
        return 0;
    if (!EVP_Digest(value, strlen(value), digest, &n, EVP_sha256(), NULL))
        return SC_ENOMEM;
    rc = sc_buf_addf(key, "%s=", name);
    for (unsigned i = 0; i < n && rc == 0; i++)
        rc = sc_buf_addf(key, "%02x", digest[i]);
    return rc == 0 ? sc_buf_addf(key, ";") : rc;
}

static const char *key_log_name(const struct sc_tls_options *opt)
{
    const char *name =
        opt->key_log != NULL ? opt->key_log : getenv("SSLKEYLOGFILE");

    return name != NULL && *name != '\0' ? name : NULL;
}

int sc_tls_options_key(struct sc_buf *key, const struct sc_tls_options *opt)
{
    int rc = sc_buf_addf(key, "f=%u;v=%d-%d;s=%d;", opt->flags,
                         opt->min_version, opt->max_version, opt->server);

    if (rc == 0)
        rc = key_add_file(key, "ca", opt->ca_file);
    if (rc == 0)
        rc = key_add_file(key, "dir", opt->ca_dir);
    if (rc == 0)
        rc = key_add_file(key, "cert", opt->cert);
    if (rc == 0)
        rc = key_add_file(key, "key", opt->key);
    if (rc == 0)
        rc = key_add_file(key, "crl", opt->crl_file);
    if (rc == 0)
        rc = key_add_secret(key, "password", opt->key_password);
    if (rc == 0)
        rc = key_add(key, "ciphers", opt->ciphers);
    if (rc == 0)
        rc = key_add(key, "suites", opt->ciphersuites);
    if (rc == 0)
        rc = key_add(key, "pins", opt->pins);
    if (rc == 0)
        rc = key_add(key, "alpn", opt->alpn);
    if (rc == 0)
        rc = key_add(key, "log", key_log_name(opt));
    if (rc == 0)
        rc = key_add_file(key, "envfile", getenv("SSL_CERT_FILE"));
    if (rc == 0)
        rc = key_add_file(key, "envdir", getenv("SSL_CERT_DIR"));
    return rc;
}

/* --- callbacks --- */

/* The format of NSS; one write a line, so that processes may share a file. */
static void key_log_line(const SSL *ssl, const char *line)
{
    struct extra *x = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), extra_index);
    char text[640];
    int n = snprintf(text, sizeof text, "%s\n", line);
    int fd;

    if (n < 0 || (size_t)n >= sizeof text)
        return;
    fd = open(x->key_log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    (void)!write(fd, text, (size_t)n); /* a full disk is no reason to end */
    close(fd);
}

static int alpn_choose(SSL *ssl, const unsigned char **out, unsigned char *n,
                       const unsigned char *in, unsigned inlen, void *arg)
{
    const struct extra *x = arg;
    unsigned char *chosen = NULL;

    (void)ssl;
    if (SSL_select_next_proto(&chosen, n, (unsigned char *)x->alpn.data,
                              (unsigned)x->alpn.len, in,
                              inlen) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL; /* RFC 7301 section 3.2 */
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

int sc_tls_alpn_wire(struct sc_buf *out, const char *names)
{
    int rc = 0;

    while (rc == 0 && *names != '\0') {
        size_t n = strcspn(names, ",");
        unsigned char len = (unsigned char)n;

        if (n == 0 || n > 255)
            return SC_EINVAL;
        if ((rc = sc_buf_add(out, &len, 1)) == 0)
            rc = sc_buf_add(out, names, n);
        names += n;
        names += *names == ',';
    }
    return rc;
}

/* The passphrase of a key that OpenSSL is reading. */
struct passphrase {
    const char *text; /* or NULL */
    bool asked;
};

/* It is never asked for at the terminal. */
static int give_passphrase(char *to, int size, int writing, void *arg)
{
    struct passphrase *p = arg;
    size_t n = p != NULL && p->text != NULL ? strlen(p->text) : 0;

    (void)writing;
    if (p != NULL)
        p->asked = true;
    if (n == 0 || n > (size_t)size)
        return -1;
    memcpy(to, p->text, n);
    return (int)n;
}

/* --- what is wrong with a file --- */

/* OpenSSL found no PEM block of the kind it looked for. */
static bool nothing_found(unsigned long code)
{
    int lib = ERR_GET_LIB(code), reason = ERR_GET_REASON(code);

    return (lib == ERR_LIB_X509 &&
            reason == X509_R_NO_CERTIFICATE_OR_CRL_FOUND) ||
           (lib == ERR_LIB_PEM && reason == PEM_R_NO_START_LINE) ||
           (lib == ERR_LIB_OSSL_DECODER && reason == ERR_R_UNSUPPORTED);
}

/* OpenSSL's words say little of a file; the system's say what to mend. Asked
 * for only after OpenSSL has failed, so that a pipe is read once. */
static int file_fail(struct sc_error *err, const char *kind, const char *name,
                     const char *missing)
{
    unsigned long code = ERR_peek_error();
    char reason[100];
    const char *why = missing;
    struct stat st;

    sc_tls_reason(reason, sizeof reason);
    if (ERR_SYSTEM_ERROR(code))
        why = sc_strerror(-ERR_GET_REASON(code));
    else if (stat(name, &st) == 0 && S_ISDIR(st.st_mode))
        why = sc_strerror(-EISDIR);
    else if (!nothing_found(code))
        why = reason;
    return sc_error_set(err, SC_ETLS, "cannot read %s %.140s: %s", kind, name,
                        why);
}

/* --- making one --- */

static int context_fail(struct sc_error *err, int code, const char *what,
                        const char *name)
{
    char why[120];

    sc_tls_reason(why, sizeof why);
    return sc_error_set(err, code, "TLS: %s %s: %s", what, name, why);
}

/* OpenSSL looks into it at the first handshake only; "a:b" are two. */
static int check_dir(struct sc_error *err, const char *name)
{
    struct stat st;
    int why = 0;

    if (stat(name, &st) < 0)
        why = -errno;
    else if (!S_ISDIR(st.st_mode))
        why = -ENOTDIR;
    if (why == 0 || strchr(name, ':') != NULL)
        return 0;
    return sc_error_set(err, SC_ETLS, "cannot read CA directory %.140s: %s",
                        name, sc_strerror(why));
}

static int context_trust(SSL_CTX *ctx, const struct sc_tls_options *opt,
                         struct sc_error *err)
{
    if (opt->flags & SC_TLS_NO_VERIFY)
        return 0;
    if (opt->ca_file != NULL && !SSL_CTX_load_verify_file(ctx, opt->ca_file))
        return file_fail(err, "CA file", opt->ca_file, "no certificate in it");
    if (opt->ca_dir != NULL && check_dir(err, opt->ca_dir) < 0)
        return SC_ETLS;
    if (opt->ca_dir != NULL && !SSL_CTX_load_verify_dir(ctx, opt->ca_dir))
        return context_fail(err, SC_ETLS, "CA directory", opt->ca_dir);
    if (!opt->server && opt->ca_file == NULL && opt->ca_dir == NULL)
        SSL_CTX_set_default_verify_paths(ctx);
    return 0;
}

static int context_key(SSL_CTX *ctx, const struct sc_tls_options *opt,
                       struct sc_error *err)
{
    const char *key = opt->key != NULL ? opt->key : opt->cert;
    struct passphrase given = {.text = opt->key_password};
    int ok;

    SSL_CTX_set_default_passwd_cb_userdata(ctx, &given);
    ok = SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM);
    SSL_CTX_set_default_passwd_cb_userdata(ctx, NULL);
    if (ok == 1)
        return 0;
    if (!given.asked)
        return file_fail(err, "key file", key, "no key in it");
    ERR_clear_error();
    return sc_error_set(err, SC_ETLS, "cannot read key file %.140s: %s", key,
                        given.text != NULL ? "the passphrase is another"
                                           : "it has a passphrase");
}

static int context_cert(SSL_CTX *ctx, const struct sc_tls_options *opt,
                        struct sc_error *err)
{
    if (opt->cert == NULL && opt->server)
        return sc_error_set(err, SC_EINVAL, "TLS: a server needs a cert");
    if (opt->cert == NULL)
        return 0;
    if (SSL_CTX_use_certificate_chain_file(ctx, opt->cert) != 1)
        return file_fail(err, "certificate file", opt->cert,
                         "no certificate in it");
    return context_key(ctx, opt, err);
}

/* Every certificate of the chain must have a list that does not name it. */
static int context_revoked(SSL_CTX *ctx, const struct sc_tls_options *opt,
                           struct sc_error *err)
{
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    X509_LOOKUP *lookup;

    if (opt->crl_file == NULL || opt->flags & SC_TLS_NO_VERIFY)
        return 0;
    lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (lookup == NULL ||
        X509_load_crl_file(lookup, opt->crl_file, X509_FILETYPE_PEM) <= 0)
        return file_fail(err, "CRL file", opt->crl_file, "no list in it");
    X509_STORE_set_flags(store,
                         X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    return 0;
}

static int context_ciphers(SSL_CTX *ctx, const struct sc_tls_options *opt,
                           struct sc_error *err)
{
    if (opt->ciphers != NULL && !SSL_CTX_set_cipher_list(ctx, opt->ciphers))
        return context_fail(err, SC_EINVAL, "ciphers", opt->ciphers);
    if (opt->ciphersuites != NULL &&
        !SSL_CTX_set_ciphersuites(ctx, opt->ciphersuites))
        return context_fail(err, SC_EINVAL, "ciphersuites", opt->ciphersuites);
    return 0;
}

static bool is_version(int v)
{
    return v == 0 || v == 12 || v == 13;
}

static int context_version(SSL_CTX *ctx, const struct sc_tls_options *opt,
                           struct sc_error *err)
{
    int least = opt->min_version == 13 ? TLS1_3_VERSION : TLS1_2_VERSION;
    int most = opt->max_version == 12 ? TLS1_2_VERSION : TLS1_3_VERSION;

    if (!is_version(opt->min_version))
        return sc_error_set(err, SC_EINVAL, "TLS: min_version %d",
                            opt->min_version);
    if (!is_version(opt->max_version) || most < least)
        return sc_error_set(err, SC_EINVAL, "TLS: max_version %d",
                            opt->max_version);
    if (!SSL_CTX_set_min_proto_version(ctx, least) ||
        !SSL_CTX_set_max_proto_version(ctx, opt->max_version ? most : 0))
        return context_fail(err, SC_ETLS, "version", "1.2");
    return 0;
}

static void context_client(SSL_CTX *ctx, const struct sc_tls_options *opt)
{
    if (!(opt->flags & SC_TLS_NO_VERIFY))
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    if (opt->flags & SC_TLS_NO_RESUME) {
        SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
        return;
    }
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT |
                                            SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, sc_tls_session_new);
}

static void context_server(SSL_CTX *ctx, const struct sc_tls_options *opt,
                           struct extra *x)
{
    static const unsigned char name[] = "simpleclient";

    SSL_CTX_set_session_id_context(ctx, name, sizeof name - 1);
    if ((opt->ca_file != NULL || opt->ca_dir != NULL) &&
        !(opt->flags & SC_TLS_NO_VERIFY))
        SSL_CTX_set_verify(
            ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    if (opt->ca_file != NULL)
        SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(opt->ca_file));
    if (x->alpn.len > 0)
        SSL_CTX_set_alpn_select_cb(ctx, alpn_choose, x);
    if (opt->flags & SC_TLS_NO_RESUME) {
        SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(ctx, 0);
    }
}

static int context_extra(SSL_CTX *ctx, const struct sc_tls_options *opt,
                         struct sc_error *err)
{
    const char *log = key_log_name(opt);
    struct extra *x = sc_calloc(sizeof *x);

    if (x == NULL || !SSL_CTX_set_ex_data(ctx, extra_index, x)) {
        sc_free(x);
        return sc_error_set(err, SC_ENOMEM, "TLS: no memory");
    }
    if (opt->alpn != NULL && sc_tls_alpn_wire(&x->alpn, opt->alpn) < 0)
        return sc_error_set(err, SC_EINVAL, "TLS: ALPN \"%s\"", opt->alpn);
    if (log != NULL && (x->key_log = sc_strdup(log)) == NULL)
        return sc_error_set(err, SC_ENOMEM, "TLS: no memory");
    if (log != NULL)
        SSL_CTX_set_keylog_callback(ctx, key_log_line);
    if (opt->server)
        context_server(ctx, opt, x);
    else
        context_client(ctx, opt);
    return 0;
}

static int context_fill(SSL_CTX *ctx, const struct sc_tls_options *opt,
                        struct sc_error *err)
{
    int rc;

    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_default_passwd_cb(ctx, give_passphrase);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    if ((rc = context_version(ctx, opt, err)) == 0)
        rc = context_ciphers(ctx, opt, err);
    if (rc == 0)
        rc = context_trust(ctx, opt, err);
    if (rc == 0)
        rc = context_revoked(ctx, opt, err);
    if (rc == 0)
        rc = context_cert(ctx, opt, err);
    return rc < 0 ? rc : context_extra(ctx, opt, err);
}

static SSL_CTX *context_make(const struct sc_tls_options *opt,
                             struct sc_error *err)
{
    SSL_CTX *ctx;

    ERR_clear_error();
    ctx = SSL_CTX_new(opt->server ? TLS_server_method() : TLS_client_method());
    if (ctx == NULL) {
        context_fail(err, SC_ENOMEM, "no", "context");
        return NULL;
    }
    if (context_fill(ctx, opt, err) < 0) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

/* --- keeping them --- */

static void release(void *ctx)
{
    SSL_CTX_free(ctx);
}

static struct sc_tls_kept kept[CONTEXTS];
static struct sc_tls_ring ring = {
    .size = CONTEXTS, .at = kept, .release = release};

static enum sc_tls_verdict lend(void *ctx)
{
    SSL_CTX_up_ref(ctx);
    return SC_RING_LEND;
}

SSL_CTX *sc_tls_context(const struct sc_tls_options *opt, struct sc_error *err)
{
    struct sc_buf key = SC_BUF(KEY_LIMIT);
    SSL_CTX *ctx = NULL;
    int rc = sc_tls_options_key(&key, opt);

    pthread_once(&once, context_once);
    if (rc < 0)
        sc_error_set(err, rc, "TLS: %s", sc_strerror(rc));
    else if ((ctx = sc_tls_ring_find(&ring, key.data, lend)) == NULL) {
        ctx = context_make(opt, err);
        if (ctx != NULL) {
            /* Two threads may have made the same: both serve. */
            SSL_CTX_up_ref(ctx);
            sc_tls_ring_keep(&ring, key.data, ctx);
            key = (struct sc_buf){0};
        }
    }
    sc_buf_free(&key);
    return ctx;
}

void sc_tls_context_forget(void)
{
    sc_tls_ring_forget(&ring);
}
