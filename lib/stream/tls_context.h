/* tls_context.h - what tls.c shares with tls_name.c and its two caches: contexts
 * made from options, and sessions to resume. Private to stream/tls*.c. No OpenSSL
 * header here: only tls*.c know what is inside. */
#ifndef SC_STREAM_TLS_CONTEXT_H
#define SC_STREAM_TLS_CONTEXT_H

#include <simpleclient/stream.h>

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

/* The context for OPT, made or found. Owned: SSL_CTX_free. NULL: ERR says
 * why (SC_EINVAL, SC_ETLS, SC_ENOMEM). Does not wait, but reads files. */
struct ssl_ctx_st *sc_tls_context(const struct sc_tls_options *opt,
                                  struct sc_error *err);

/* "h2,http/1.1" as the wire has it (RFC 7301 section 3.1) appended to OUT.
 * Returns 0 or SC_EINVAL, SC_ENOMEM. */
int sc_tls_alpn_wire(struct sc_buf *out, const char *names);

/* HOST as certificates have it: no brackets, zone or last dot. Owned. */
char *sc_tls_bare_host(const char *host);
/* Before a client's handshake: verify and send HOST; offer NAMES (or NULL).
 * Return 0 or SC_EINVAL, SC_ENOMEM. */
int sc_tls_name(struct ssl_st *ssl, const char *host,
                const struct sc_tls_options *opt, struct sc_error *err);
int sc_tls_alpn(struct ssl_st *ssl, const char *names, struct sc_error *err);
/* After it: is the peer's public key one of PINS (options.h)? Returns 0, SC_EPIN,
 * SC_EINVAL (no list of pins), SC_ETLS (a file that cannot be read), SC_ENOMEM;
 * ERR says who and why. Reads the file each time. */
int sc_tls_pinned(struct ssl_st *ssl, const char *pins, const char *who,
                  struct sc_error *err);
/* After it: what was agreed and who is there. VERIFY: it was verified. */
void sc_tls_tell(struct ssl_st *ssl, bool verify, struct sc_tls_info *info);
/* After it: the channel binding "tls-exporter" (RFC 9266), 32 bytes. Returns 0 or
 * SC_ETLS: there is none (and a TLS connection below must not be asked). */
int sc_tls_exporter(struct ssl_st *ssl, unsigned char *out);

/* Append to KEY all of OPT that makes one context unlike another. */
int sc_tls_options_key(struct sc_buf *key, const struct sc_tls_options *opt);

/* OpenSSL's oldest error on this thread in words; empties its queue. */
const char *sc_tls_reason(char *text, size_t size);

/* The key of sessions with HOST at the peer of LOW; LIKE not 0: of connections
 * that belong to that one. *OUT is owned. */
int sc_tls_session_key(Stream *low, const char *host,
                       const struct sc_tls_options *opt,
                       unsigned long long like, char **out);
/* Sessions are kept under the key that the SSL has as its application data;
 * each is used once (RFC 8446 appendix C.4). Offer one before a handshake (1:
 * there was one); the callback keeps what the server gives. Any thread may call
 * these. */
int sc_tls_session_offer(struct ssl_st *ssl);
/* Offer the session of FROM, or its latest ticket. */
void sc_tls_session_copy(struct ssl_st *ssl, struct ssl_st *from);
int sc_tls_session_new(struct ssl_st *ssl, struct ssl_session_st *session);
/* After a handshake: a TLS 1.2 session that was resumed may be used again. */
void sc_tls_session_again(struct ssl_st *ssl);
/* Forget all contexts and sessions (for tests). */
void sc_tls_context_forget(void);
void sc_tls_session_forget(void);

#endif
