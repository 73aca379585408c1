/* options.h - how to connect, how long to wait, how much to accept.
 *
 * Zero bytes are the defaults: every number's 0 means "the default named
 * here", every flag names a departure from it. A negative number is SC_EINVAL.
 * Strings are read during the call that takes the options, and copied if they
 * must live longer. */
#ifndef SIMPLECLIENT_OPTIONS_H
#define SIMPLECLIENT_OPTIONS_H

#include <simpleclient/buf.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where names are looked up: LOOKUP is called in a lookup thread, may take
 * its time, and adds addresses with sc_addresses_add (udp.h). It returns 0 or
 * SC_ERESOLVE. The struct is kept: it must outlive every use. */
struct sc_addresses;
struct sc_fields;
struct sc_peer;
struct sc_proxy_login;
struct sc_resolver {
    int (*lookup)(const char *name, struct sc_addresses *out);
};

/* Bits of sc_tls_options.flags. */
enum sc_tls_flag {
    SC_TLS_NO_VERIFY = 1, /* accept any certificate */
    SC_TLS_NO_SNI = 2,    /* do not name the host in the hello */
    SC_TLS_NO_RESUME = 4  /* do not offer or keep sessions */
};

/* Chain and name are verified, TLS 1.2 is the least, the system's trust
 * (or SSL_CERT_FILE, SSL_CERT_DIR) is used, sessions are resumed. */
struct sc_tls_options {
    unsigned flags;      /* enum sc_tls_flag */
    const char *host;    /* name to verify and to send; NULL: the server's */
    const char *ca_file; /* trust this PEM file instead of the system's */
    const char *ca_dir;  /* and this hashed directory */
    const char *cert;    /* own certificate chain, PEM file */
    const char *key;     /* its key, PEM file; NULL: in CERT */
    const char *alpn;    /* "http/1.1" or "h2,http/1.1"; NULL: none */
    const char *key_log; /* file to append secrets to; NULL: $SSLKEYLOGFILE */
    int min_version;     /* 12 or 13; 0: 12 */
    int max_version;     /* 12 or 13; 0: none */
    int server;          /* 1: accept instead of connect; needs cert */
    const char *key_password; /* of an encrypted key */
    const char *ciphers;      /* OpenSSL's list for TLS 1.2; NULL: default */
    const char *ciphersuites; /* and for TLS 1.3 */
    const char *crl_file;     /* revoked certificates, PEM file */
    /* The peer's public key must be one of these, besides all other checks:
     * "sha256//BASE64;sha256//BASE64", or the name of a PEM or DER file. */
    const char *pins;
};

/* Bits of sc_options.flags. */
enum sc_option_flag {
    SC_OPT_TLS = 1,          /* TLS from the first byte */
    SC_OPT_STRICT_LINES = 2, /* a line ends in CRLF, never LF alone */
    SC_OPT_IPV4 = 4,         /* only these addresses */
    SC_OPT_IPV6 = 8,
    SC_OPT_NO_GREET = 16,    /* do not call the class's greet */
    SC_OPT_NO_POOL = 32,     /* a connection of its own */
    SC_OPT_FAIL_STATUS = 64, /* http: a status >= 400 is SC_EREPLY */
    /* Refuse addresses that are private, loopback, link-local, multicast or
     * otherwise not of the public internet, after names are resolved and at
     * each redirect: for programs that fetch URLs named by strangers. */
    SC_OPT_PUBLIC_ONLY = 128,
    SC_OPT_TUNNEL = 256, /* CONNECT through an HTTP proxy for http too */
    /* Show secrets to TRACE and RECORD as they are. */
    SC_OPT_TRACE_SECRETS = 512,
    /* Mechanisms that show the password may be used without TLS; else only
     * inside TLS, to loopback addresses, and through Unix sockets. */
    SC_OPT_PLAIN_LOGIN = 1024
};

/* When a dialogue begun in clear becomes TLS (SMTP, POP3, NNTP, FTP). */
enum sc_starttls {
    SC_STARTTLS_MAY,  /* if the server offers it */
    SC_STARTTLS_MUST, /* or no login, no mail */
    SC_STARTTLS_NEVER
};

/* Called with lines that go out (DIRECTION '>'), lines that come in ('<') and
 * what is worth knowing ('*'). A line of ours is shown when it is queued, which
 * is before it is sent; one of the peer's when it is read. Lines without their
 * ends; secrets are "***". Bytes of bodies and dot blocks are not shown. May
 * not wait, may not use the client. */
typedef void (*sc_trace_fn)(void *arg, int direction, const char *text,
                            size_t n);

struct sc_options {
    unsigned flags;     /* enum sc_option_flag */
    int connect_ms;     /* names, connecting and TLS: 10,000 */
    int wait_ms;        /* a line, reply or handshake: 30,000 */
    int stall_ms;       /* a body: stall_bytes at least in every 30,000 */
    int64_t total_ms;   /* everything; none */
    size_t line_limit;  /* a line or reply line of the peer: 8 KiB; http: 64 */
    size_t send_limit;  /* a line of ours; the class's, else 8 KiB */
    size_t reply_limit; /* a whole reply: 100 KiB */
    int reply_lines;    /* lines of a reply: 1,000 */
    size_t head_limit;  /* a block of fields: 256 KiB */
    int head_fields;    /* fields in it: 500 */
    size_t body_limit;  /* a body in memory: 64 MiB */
    int ratio_limit;    /* decoded : encoded bytes of a coding: 1,000 */
    const char *user;   /* login, where the protocol has one */
    const char *password;
    const char *token;      /* OAuth 2.0 bearer token, instead of a password */
    const char *authzid;    /* act as this user (SASL), having logged in */
    const char *mechanisms; /* SASL: only these, separated by spaces, the first
                               that the server offers */
    const char *netrc;      /* file to look logins up in where no password or
                               token is given; "": $NETRC, else ~/.netrc; NULL:
                               none */
    int starttls;           /* enum sc_starttls */
    const char *hello;      /* SMTP: the name to say hello with; NULL: this
                               host's if it has a dot, else its address */
    const char *local_address; /* connect from this numeric address, or from
                                  the interface of this name */
    size_t stall_bytes; /* how many bytes a body must bring in stall_ms: 1 KiB;
                           1: any, for streams that may be idle */
    const char *unix_socket; /* connect to this path, whatever the server */
    /* Where to connect to instead of asking for the address of a name, or
     * instead of the server itself; entries separated by spaces, a host in [] if
     * it has colons, an empty or "*" host or empty port meaning any: */
    const char *resolve;    /* "HOST:PORT:ADDRESS[,ADDRESS...] ..." */
    const char *connect_to; /* "HOST:PORT:HOST2:PORT2 ..." */
    /* Through a proxy: "[SCHEME://][USER:PASSWORD@]HOST[:PORT]", SCHEME http
     * (the default), https, socks4, socks4a, socks5, socks5h; the port is 1080
     * if none is named (https: 443). All but socks4 and socks5 are given names
     * to look up themselves, unless the address is to be checked (ALLOW,
     * SC_OPT_PUBLIC_ONLY): it is looked up here then, and the tunnel is to the
     * address. Resolve, local_address, on_socket and keepalive_s hold for the
     * connection to the proxy; what is allowed, for the server behind it. "":
     * none. NULL: http asks the environment (http_proxy, https_proxy,
     * HTTPS_PROXY, all_proxy, ALL_PROXY), others use none. */
    const char *proxy;
    /* Reached directly: "localhost,.example.org,10.0.0.0/8", or "*". NULL:
     * $no_proxy or $NO_PROXY. "": nothing. */
    const char *no_proxy;
    const struct sc_tls_options *proxy_tls; /* copied; of an https proxy */
    /* Copied; more fields of a CONNECT, and instead of Host, User-Agent,
     * Proxy-Authorization and Proxy-Connection (an empty one: none is sent). A
     * User-Agent that is the first keeps the usual place. */
    const struct sc_fields *proxy_head;
    /* Kept; how http logs in at the proxy for a tunnel (HTTP_PROXY_DIGEST,
     * HTTP_PROXY_ANY_LOGIN), which sets it itself. NULL: by Basic, at once. */
    const struct sc_proxy_login *proxy_login;
    /* Asked for each address before it is connected to: 0 to allow it, or an
     * error. May not wait. Kept; NULL: all are allowed. */
    int (*allow)(void *arg, const struct sc_peer *peer);
    void *allow_arg;
    /* Called with each new socket before it connects (setsockopt). Returns 0
     * or an error. May not wait. Kept. */
    int (*on_socket)(void *arg, int fd);
    void *on_socket_arg;
    int keepalive_s; /* TCP keep-alive probes after so many idle seconds; 0:
                        none */
    struct sc_tls_options tls;
    const struct sc_resolver *resolver; /* kept; NULL: getaddrinfo */
    sc_trace_fn trace;                  /* kept; NULL: none */
    void *trace_arg;
    /* Called with the dialogue as text of a script (script.h), whole lines, above
     * TLS and proxies, bodies too: what sc_script_serve plays. Connections are
     * numbered: several may share a sink, but not those of several threads. A
     * secret line is "C: ***". An error of the sink breaks the client. An idle
     * connection in the pool records nothing. May not wait, may not use the
     * client. Kept until the client is closed or given back; NULL: none. */
    sc_sink record;
    void *record_arg;
};

/* What later clients of this process (sc_open, sc_attach, http_get ...) and
 * sc_stream_connect use where their own options are NULL; sc_resolve and
 * datagrams do not. Copied, strings too. NULL: back to the built-in ones.
 * Returns 0, SC_EINVAL or SC_ENOMEM. Call it before other threads use the
 * library. */
SC_API int sc_set_defaults(const struct sc_options *o);

#ifdef __cplusplus
}
#endif
#endif
