/* tls_name.c - who is at the other end: the name to verify and to send (RFC
 * 6125, RFC 6066 section 3), the protocols to offer (RFC 7301), and what can
 * be told of both after the handshake. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "core/mem.h"
#include "stream/tls_context.h"

/* "[::1]", "fe80::1%eth0" and "example.org." are not what certificates have:
 * the bare address or name is. */
char *sc_tls_bare_host(const char *host)
{
    char *h = sc_strdup(host + (host[0] == '['));
    unsigned char ip[16];
    size_t n;

    if (h == NULL)
        return NULL;
    n = strcspn(h, "]%");
    h[n] = '\0';
    if (n > 1 && h[n - 1] == '.' && inet_pton(AF_INET6, h, ip) != 1)
        h[n - 1] = '\0';
    return h;
}

static bool is_address(const char *host)
{
    unsigned char ip[16];

    return inet_pton(AF_INET, host, ip) == 1 ||
           inet_pton(AF_INET6, host, ip) == 1;
}

/* Name, ALPN and session are this connection's, not the context's. A leading
 * dot would make OpenSSL accept any name below. */
int sc_tls_name(SSL *ssl, const char *host, const struct sc_tls_options *opt,
                struct sc_error *err)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    bool verify = !(opt->flags & SC_TLS_NO_VERIFY);
    bool numeric = is_address(host);
    int ok = 1;

    if (verify && (host[0] == '\0' || host[0] == '.'))
        return sc_error_set(err, SC_EINVAL, "TLS: no host name to verify");
    X509_VERIFY_PARAM_set_hostflags(param,
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (verify && numeric)
        ok = X509_VERIFY_PARAM_set1_ip_asc(param, host);
    else if (verify)
        ok = X509_VERIFY_PARAM_set1_host(param, host, 0);
    if (ok && !numeric && host[0] != '\0' && host[0] != '/' &&
        !(opt->flags & SC_TLS_NO_SNI))
        ok = (int)SSL_set_tlsext_host_name(ssl, host);
    return ok ? 0
              : sc_error_set(err, SC_EINVAL, "TLS: bad host name \"%s\"", host);
}

int sc_tls_alpn(SSL *ssl, const char *names, struct sc_error *err)
{
    struct sc_buf wire = SC_BUF(4096);
    int rc = names != NULL ? sc_tls_alpn_wire(&wire, names) : 0;

    if (rc == 0 && wire.len > 0 &&
        SSL_set_alpn_protos(ssl, (const unsigned char *)wire.data,
                            (unsigned)wire.len) != 0)
        rc = SC_ENOMEM;
    sc_buf_free(&wire);
    return rc < 0 ? sc_error_set(err, rc, "TLS: ALPN \"%s\"", names) : 0;
}

static void show_name(char *to, size_t size, X509_NAME *name)
{
    BIO *b = BIO_new(BIO_s_mem());
    int n = 0;

    if (b != NULL && name != NULL &&
        X509_NAME_print_ex(b, name, 0, XN_FLAG_RFC2253) >= 0)
        n = BIO_read(b, to, (int)size - 1);
    to[n > 0 ? n : 0] = '\0';
    BIO_free(b);
}

void sc_tls_tell(SSL *ssl, bool verify, struct sc_tls_info *info)
{
    X509 *cert = SSL_get0_peer_certificate(ssl);
    const unsigned char *alpn;
    unsigned n;

    memset(info, 0, sizeof *info);
    ERR_clear_error();
    snprintf(info->version, sizeof info->version, "%s", SSL_get_version(ssl));
    snprintf(info->cipher, sizeof info->cipher, "%s",
             SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)));
    SSL_get0_alpn_selected(ssl, &alpn, &n);
    if (n > 0)
        sc_span_copy(info->alpn, sizeof info->alpn,
                     (struct sc_span){(const char *)alpn, n});
    if (cert != NULL) {
        show_name(info->subject, sizeof info->subject,
                  X509_get_subject_name(cert));
        show_name(info->issuer, sizeof info->issuer,
                  X509_get_issuer_name(cert));
    }
    info->resumed = SSL_session_reused(ssl);
    info->verified =
        verify && cert != NULL && SSL_get_verify_result(ssl) == X509_V_OK;
}

/* Before TLS 1.3 only an extended master secret makes it this connection's own
 * (RFC 9266 section 2). */
int sc_tls_exporter(SSL *ssl, unsigned char *out)
{
    static const char label[] = "EXPORTER-Channel-Binding";
    static const unsigned char context[1]; /* of no bytes, but not absent */

    ERR_clear_error();
    if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1)
        return SC_ETLS;
    if (SSL_export_keying_material(ssl, out, 32, label, sizeof label - 1,
                                   context, 0, 1) == 1)
        return 0;
    ERR_clear_error();
    return SC_ETLS;
}
