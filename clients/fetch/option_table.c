/* option_table.c - the options, by name. The help prints those with a help
 * text, in this order. */

#include <simpleclient/http.h>
#include <simpleclient/url.h>

#include "fetch/option_calls.h"
#include "fetch/option_table.h"
#include "fetch/program.h"

#define C(field) offsetof(struct config, field)
#define G(field) true, 0, offsetof(struct command, field)

/* NAME, LETTER, field of struct config, how its value is called, help. */
#define BOOL(n, l, f, h)                                                       \
    {                                                                          \
        n, l, KIND_BOOL, false, 0, C(f), NULL, NULL, h                         \
    }
#define OFF(n, l, f, h)                                                        \
    {                                                                          \
        n, l, KIND_OFF, false, 0, C(f), NULL, NULL, h                          \
    }
#define STRING(n, l, f, v, h)                                                  \
    {                                                                          \
        n, l, KIND_STRING, false, 0, C(f), NULL, v, h                          \
    }
#define NUMBER(n, l, f, v, h)                                                  \
    {                                                                          \
        n, l, KIND_NUMBER, false, 0, C(f), NULL, v, h                          \
    }
#define SIZE(n, l, f, v, h)                                                    \
    {                                                                          \
        n, l, KIND_SIZE, false, 0, C(f), NULL, v, h                            \
    }
#define SECONDS(n, l, f, v, h)                                                 \
    {                                                                          \
        n, l, KIND_SECONDS, false, 0, C(f), NULL, v, h                         \
    }
#define FLAG(n, l, f, b, h)                                                    \
    {                                                                          \
        n, l, KIND_FLAG, false, b, C(f), NULL, NULL, h                         \
    }
#define CALL(n, l, fn, v, h)                                                   \
    {                                                                          \
        n, l, KIND_CALL, false, 0, 0, fn, v, h                                 \
    }
#define SWITCH(n, l, fn, h)                                                    \
    {                                                                          \
        n, l, KIND_SWITCH, false, 0, 0, fn, NULL, h                            \
    }
#define GLOBAL(n, l, k, f, v, h)                                               \
    {                                                                          \
        n, l, k, G(f), NULL, v, h                                              \
    }
#define NOTHING(n, l)                                                          \
    {                                                                          \
        n, l, KIND_NOTHING                                                     \
    }
#define NOTHING_VALUE(n, l)                                                    \
    {                                                                          \
        n, l, KIND_NOTHING_VALUE                                               \
    }
/* Of urlget; in httpget missing, or (_) without effect. */
#define U_BOOL(n, l, f, h)                                                     \
    {                                                                          \
        n, l, KIND_URLGET | KIND_BOOL, false, 0, C(f), NULL, NULL, h           \
    }
#define U_LIST(n, l, f, v, h)                                                  \
    {                                                                          \
        n, l, KIND_URLGET | KIND_LIST, false, 0, C(f), NULL, v, h              \
    }
#define U_STRING(n, l, f, v, h)                                                \
    {                                                                          \
        n, l, KIND_URLGET | KIND_STRING, false, 0, C(f), NULL, v, h            \
    }
#define U_FLAG(n, l, f, b, h)                                                  \
    {                                                                          \
        n, l, KIND_URLGET | KIND_FLAG, false, b, C(f), NULL, NULL, h           \
    }
#define U_CALL(n, l, fn, v, h)                                                 \
    {                                                                          \
        n, l, KIND_URLGET | KIND_CALL, false, 0, 0, fn, v, h                   \
    }
#define U_SWITCH(n, l, fn, h)                                                  \
    {                                                                          \
        n, l, KIND_URLGET | KIND_SWITCH, false, 0, 0, fn, NULL, h              \
    }
#define U_FLAG_(n, l, f, b, h)                                                 \
    {                                                                          \
        n, l, KIND_URLGET | KIND_ELSE_NOTHING | KIND_FLAG, false, b, C(f),     \
            NULL, NULL, h                                                      \
    }
#define U_SWITCH_(n, l, fn, h)                                                 \
    {                                                                          \
        n, l, KIND_URLGET | KIND_ELSE_NOTHING | KIND_SWITCH, false, 0, 0, fn,  \
            NULL, h                                                            \
    }
#define U_NOTHING(n, l)                                                        \
    {                                                                          \
        n, l, KIND_URLGET | KIND_NOTHING                                       \
    }
#define MISSING(n, l)                                                          \
    {                                                                          \
        n, l, KIND_MISSING                                                     \
    }

const struct option_def option_table[] = {
    MISSING("abstract-unix-socket", 0),
    U_BOOL("allow-plain", 0, plain_login, "mail, FTP: passwords in clear, too"),
    MISSING("alt-svc", 0),
    FLAG("anyauth", 0, logins, LOGIN_ANY, "log in the way the server wishes"),
    U_FLAG("append", 'a', url_flags, URL_APPEND,
           "with -T: behind what is there"),
    MISSING("aws-sigv4", 0),
    FLAG("basic", 0, logins, LOGIN_BASIC, "log in by Basic (the default)"),
    STRING("cacert", 0, tls.ca_file, "FILE", "trust these certificates"),
    STRING("capath", 0, tls.ca_dir, "DIR", "trust those of this directory"),
    CALL("cert", 'E', opt_cert, "FILE[:PASSWORD]", "own certificate (PEM)"),
    MISSING("cert-status", 0),
    CALL("cert-type", 0, opt_pem, "PEM", "what the certificate is written in"),
    STRING("ciphers", 0, tls.ciphers, "LIST", "ciphers of TLS 1.2"),
    FLAG("compressed", 0, flags, HTTP_COMPRESSED,
         "ask for codings, and decode"),
    MISSING("compressed-ssh", 0),
    CALL("config", 'K', opt_config, "FILE", "read options from FILE"),
    SECONDS("connect-timeout", 0, connect_ms, "SEC", "for connecting: 10"),
    CALL("connect-to", 0, opt_connect_to, "HOST:PORT:HOST2:PORT2",
         "connect to another place"),
    STRING("continue-at", 'C', resume, "OFFSET",
           "go on from there; '-': where the file ends"),
    CALL("cookie", 'b', opt_cookie, "TEXT|FILE", "cookies to send, or to read"),
    CALL("cookie-jar", 'c', opt_jar, "FILE", "write the cookies to FILE"),
    BOOL("create-dirs", 0, create_dirs, "make the directories of -o"),
    CALL("create-file-mode", 0, opt_file_mode, "MODE", "of new files (octal)"),
    U_BOOL("crlf", 0, crlf, "with -T: LF is sent as CRLF"),
    STRING("crlfile", 0, tls.crl_file, "FILE", "revoked certificates (PEM)"),
    MISSING("curves", 0),
    CALL("data", 'd', opt_data, "TEXT|@FILE", "POST this"),
    CALL("data-ascii", 0, opt_data, "TEXT|@FILE", "the same as --data"),
    CALL("data-binary", 0, opt_data_binary, "TEXT|@FILE",
         "POST this, line ends too"),
    CALL("data-raw", 0, opt_data_raw, "TEXT", "POST this, '@' has no meaning"),
    CALL("data-urlencode", 0, opt_data_urlencode, "TEXT", "POST this, coded"),
    MISSING("delegation", 0),
    FLAG("digest", 0, logins, LOGIN_DIGEST, "log in by Digest"),
    NOTHING("disable", 'q'),
    U_FLAG_("disable-eprt", 0, ftp_flags, FTP_NO_EPRT, "FTP: PORT at once"),
    U_FLAG_("disable-epsv", 0, ftp_flags, FTP_NO_EPSV, "FTP: PASV at once"),
    GLOBAL("dry-run", 0, KIND_BOOL, dry_run, NULL,
           "print the requests, send nothing"),
    BOOL("disallow-username-in-url", 0, no_user_in_url, "refuse such a URL"),
    MISSING("dns-interface", 0),
    MISSING("dns-ipv4-addr", 0),
    MISSING("dns-ipv6-addr", 0),
    MISSING("dns-servers", 0),
    MISSING("doh-cert-status", 0),
    MISSING("doh-insecure", 0),
    MISSING("doh-url", 0),
    STRING("dump-header", 'D', dump_header, "FILE", "write heads to FILE"),
    NOTHING_VALUE("egd-file", 0),
    MISSING("engine", 0),
    STRING("etag-compare", 0, etag_compare, "FILE", "If-None-Match from FILE"),
    STRING("etag-save", 0, etag_save, "FILE", "write the ETag to FILE"),
    SECONDS("expect100-timeout", 0, expect_ms, "SEC", "for 100 Continue: 1"),
    BOOL("fail", 'f', fail, "a status of 400 or more is a failure (22)"),
    GLOBAL("fail-early", 0, KIND_BOOL, fail_early, NULL,
           "end at the first failure"),
    BOOL("fail-with-body", 0, fail_with_body, "the same, but keep the body"),
    MISSING("false-start", 0),
    CALL("form", 'F', opt_form, "NAME=TEXT|@FILE|<FILE", "POST a form"),
    MISSING("form-escape", 0),
    CALL("form-string", 0, opt_form_string, "NAME=TEXT",
         "the same, TEXT as it is"),
    U_STRING("ftp-account", 0, ftp_account, "TEXT", "FTP: ACCT, if asked for"),
    U_STRING("ftp-alternative-to-user", 0, ftp_alternative, "COMMAND",
             "FTP: instead, if USER is refused"),
    U_FLAG("ftp-create-dirs", 0, url_flags, URL_MAKE_DIRS,
           "FTP: make folders that are missing"),
    U_CALL("ftp-method", 0, opt_ftp_method, "multicwd|nocwd|singlecwd",
           "FTP: how to get to a folder"),
    U_SWITCH("ftp-pasv", 0, opt_ftp_pasv, "FTP: we connect (the default)"),
    U_CALL("ftp-port", 'P', opt_ftp_port, "ADDRESS",
           "FTP: the server connects, there; '-'"),
    MISSING("ftp-pret", 0),
    U_NOTHING("ftp-skip-pasv-ip", 0),
    U_SWITCH("ftp-ssl", 0, opt_ssl, "the same as --ssl"),
    MISSING("ftp-ssl-ccc", 0),
    MISSING("ftp-ssl-ccc-mode", 0),
    U_SWITCH("ftp-ssl-control", 0, opt_ssl_control,
             "FTP: TLS, but not for data"),
    U_SWITCH("ftp-ssl-reqd", 0, opt_ssl_reqd, "the same as --ssl-reqd"),
    BOOL("get", 'G', get, "put the data behind the URL"),
    BOOL("globoff", 'g', glob_off, "{} and [] in URLs have no meaning"),
    NOTHING_VALUE("happy-eyeballs-timeout-ms", 0),
    MISSING("haproxy-protocol", 0),
    BOOL("head", 'I', head, "ask for the head only"),
    CALL("header", 'H', opt_header, "FIELD|@FILE",
         "'N: V' sends, 'N;' sends empty, 'N:' leaves out"),
    GLOBAL("help", 'h', KIND_BOOL, help, NULL, "print this"),
    MISSING("hostpubmd5", 0),
    MISSING("hostpubsha256", 0),
    MISSING("hsts", 0),
    MISSING("http0.9", 0),
    SWITCH("http1.0", '0', opt_http10, "ask as HTTP/1.0"),
    SWITCH("http1.1", 0, opt_http11, "ask as HTTP/1.1 (the default)"),
    MISSING("http2", 0),
    MISSING("http2-prior-knowledge", 0),
    MISSING("http3", 0),
    MISSING("http3-only", 0),
    MISSING("ignore-content-length", 0),
    BOOL("include", 'i', include, "print heads too"),
    BOOL("insecure", 'k', tls.insecure, "accept any certificate"),
    CALL("interface", 0, opt_interface, "NAME|ADDRESS", "connect from there"),
    SWITCH("ipv4", '4', opt_ipv4, "IPv4 addresses only"),
    SWITCH("ipv6", '6', opt_ipv6, "IPv6 addresses only"),
    CALL("json", 0, opt_json, "TEXT|@FILE", "POST this as JSON"),
    BOOL("junk-session-cookies", 'j', junk_session,
         "forget session cookies of the file"),
    OFF("keepalive", 0, no_keepalive, NULL),
    NUMBER("keepalive-time", 0, keepalive_s, "SEC", "probe idle connections"),
    STRING("key", 0, tls.key, "FILE", "the certificate's key (PEM)"),
    CALL("key-type", 0, opt_pem, "PEM", "what the key is written in"),
    MISSING("krb", 0),
    MISSING("krb4", 0),
    MISSING("libcurl", 0),
    SIZE("limit-rate", 0, limit_rate, "BYTES", "a second, at most"),
    U_FLAG("list-only", 'l', url_flags, URL_NAMES, "names only"),
    MISSING("local-port", 0),
    BOOL("location", 'L', follow, "follow redirects"),
    SWITCH("location-trusted", 0, opt_location_trusted,
           "the same, with logins to any place"),
    U_STRING("login-options", 0, login_options, "AUTH=NAME",
             "mail: the mechanism to log in by"),
    U_STRING("mail-auth", 0, mail_auth, "ADDRESS", "SMTP: who sent it first"),
    U_STRING("mail-from", 0, mail_from, "ADDRESS", "SMTP: the sender"),
    U_LIST("mail-rcpt", 0, mail_rcpt, "ADDRESS", "SMTP: a recipient"),
    U_BOOL("mail-rcpt-allowfails", 0, rcpt_allowfails,
           "SMTP: one refused is enough to go on"),
    MISSING("manual", 'M'),
    SIZE("max-filesize", 0, max_size, "BYTES", "of a body, at most"),
    CALL("max-redirs", 0, opt_max_redirs, "N", "redirects: 20; -1: any number"),
    SECONDS("max-time", 'm', max_ms, "SEC", "for everything"),
    MISSING("metalink", 0),
    MISSING("negotiate", 0),
    SWITCH("netrc", 'n', opt_netrc, "log in as .netrc says"),
    CALL("netrc-file", 0, opt_netrc_file, "FILE", "the same, of this file"),
    SWITCH("netrc-optional", 0, opt_netrc_optional,
           "the same, if the URL has no login"),
    SWITCH("next", ':', opt_next, "options from here on are for later URLs"),
    OFF("alpn", 0, no_alpn, NULL),
    OFF("buffer", 'N', no_buffer, "--no-buffer: write at once"),
    BOOL("clobber", 0, clobber, "--no-clobber: take a new name, FILE.1"),
    NOTHING("npn", 0),
    GLOBAL("progress-meter", 0, KIND_OFF, no_meter, NULL,
           "--no-progress-meter: none"),
    OFF("sessionid", 0, no_session_id, "--no-sessionid: no TLS resumption"),
    STRING("noproxy", 0, no_proxy, "LIST", "hosts reached without the proxy"),
    MISSING("ntlm", 0),
    MISSING("ntlm-wb", 0),
    STRING("oauth2-bearer", 0, bearer, "TOKEN", "log in with a token"),
    CALL("output", 'o', opt_output, "FILE", "write to FILE, whole or not"),
    STRING("output-dir", 0, output_dir, "DIR", "where files go"),
    GLOBAL("parallel", 'Z', KIND_BOOL, parallel, NULL, "many at once"),
    GLOBAL("parallel-immediate", 0, KIND_BOOL, parallel_immediate, NULL,
           "a connection for each at once"),
    GLOBAL("parallel-max", 0, KIND_NUMBER, parallel_max, "N", "how many: 50"),
    STRING("pass", 0, tls.password, "PASSWORD", "of the key"),
    BOOL("path-as-is", 0, path_as_is, "keep /../ in the URL"),
    STRING("pinnedpubkey", 0, tls.pins, "HASHES|FILE", "the server's key"),
    FLAG("post301", 0, flags, HTTP_KEEP_POST_301, "POST again after 301"),
    FLAG("post302", 0, flags, HTTP_KEEP_POST_302, "POST again after 302"),
    FLAG("post303", 0, flags, HTTP_KEEP_POST_303, "POST again after 303"),
    MISSING("preproxy", 0),
    GLOBAL("progress-bar", '#', KIND_BOOL, bar, NULL, "a bar for a meter"),
    STRING("proto", 0, protocols, "LIST", "schemes: =https, -all,http"),
    STRING("proto-default", 0, default_protocol, "SCHEME",
           "where none is told"),
    STRING("proto-redir", 0, redir_protocols, "LIST", "schemes of redirects"),
    CALL("proxy", 'x', opt_proxy, "[SCHEME://]HOST[:PORT]", "through a proxy"),
    FLAG("proxy-anyauth", 0, proxy_logins, LOGIN_ANY, "as the proxy wishes"),
    FLAG("proxy-basic", 0, proxy_logins, LOGIN_BASIC, "there by Basic"),
    STRING("proxy-cacert", 0, proxy_tls.ca_file, "FILE", "for the proxy"),
    STRING("proxy-capath", 0, proxy_tls.ca_dir, "DIR", "for the proxy"),
    CALL("proxy-cert", 0, opt_proxy_cert, "FILE[:PASSWORD]", "for the proxy"),
    CALL("proxy-cert-type", 0, opt_pem, "PEM", "for the proxy"),
    STRING("proxy-ciphers", 0, proxy_tls.ciphers, "LIST", "for the proxy"),
    STRING("proxy-crlfile", 0, proxy_tls.crl_file, "FILE", "for the proxy"),
    FLAG("proxy-digest", 0, proxy_logins, LOGIN_DIGEST, "there by Digest"),
    CALL("proxy-header", 0, opt_proxy_header, "FIELD|@FILE",
         "a field for the proxy"),
    BOOL("proxy-insecure", 0, proxy_tls.insecure, "for the proxy"),
    STRING("proxy-key", 0, proxy_tls.key, "FILE", "for the proxy"),
    CALL("proxy-key-type", 0, opt_pem, "PEM", "for the proxy"),
    MISSING("proxy-negotiate", 0),
    MISSING("proxy-ntlm", 0),
    STRING("proxy-pass", 0, proxy_tls.password, "PASSWORD", "for the proxy"),
    STRING("proxy-pinnedpubkey", 0, proxy_tls.pins, "HASHES|FILE",
           "for the proxy"),
    MISSING("proxy-service-name", 0),
    NOTHING("proxy-ssl-allow-beast", 0),
    NOTHING("proxy-ssl-auto-client-cert", 0),
    STRING("proxy-tls13-ciphers", 0, proxy_tls.suites, "LIST", "for the proxy"),
    MISSING("proxy-tlsauthtype", 0),
    MISSING("proxy-tlspassword", 0),
    MISSING("proxy-tlsuser", 0),
    NOTHING("proxy-tlsv1", 0),
    STRING("proxy-user", 'U', proxy_user, "USER:PASSWORD", "for the proxy"),
    MISSING("proxy1.0", 0),
    BOOL("proxytunnel", 'p', tunnel, "CONNECT through the proxy for http too"),
    MISSING("pubkey", 0),
    U_LIST("quote", 'Q', quotes, "COMMAND",
           "FTP: say it first; '-': last, '+': late, '*': or not"),
    NOTHING_VALUE("random-file", 0),
    STRING("range", 'r', range, "RANGES", "these bytes only: 0-99,200-"),
    CALL("rate", 0, opt_rate, "N/UNIT", "URLs begun in a second, s, m, h or d"),
    MISSING("raw", 0),
    GLOBAL("record", 0, KIND_STRING, record, "FILE",
           "write the dialogue to FILE, for replay"),
    CALL("referer", 'e', opt_referer, "URL", "Referer; ';auto' at redirects"),
    BOOL("remote-header-name", 'J', remote_header_name,
         "with -O: the name the server says"),
    SWITCH("remote-name", 'O', opt_remote_name, "write to the URL's name"),
    BOOL("remote-name-all", 0, remote_all, "-O for every URL"),
    BOOL("remote-time", 'R', remote_time, "give the file the server's time"),
    BOOL("remove-on-error", 0, remove_on_error, "is always so, but with -C"),
    STRING("request", 'X', request, "METHOD", "ask by this method"),
    STRING("request-target", 0, target, "TARGET", "instead of the URL's path"),
    CALL("resolve", 0, opt_resolve, "HOST:PORT:ADDRESS[,...]",
         "the address of a name"),
    NUMBER("retry", 0, retries, "N", "try again after passing failures"),
    BOOL("retry-all-errors", 0, retry_all, "after all failures"),
    BOOL("retry-connrefused", 0, retry_refused, "when nobody is there, too"),
    SECONDS("retry-delay", 0, retry_delay_ms, "SEC", "between tries"),
    SECONDS("retry-max-time", 0, retry_max_ms, "SEC", "for all tries"),
    U_STRING("sasl-authzid", 0, authzid, "NAME", "mail: act as NAME"),
    U_NOTHING("sasl-ir", 0),
    MISSING("service-name", 0),
    GLOBAL("show-error", 'S', KIND_BOOL, show_error, NULL,
           "with -s: failures are told"),
    GLOBAL("silent", 's', KIND_BOOL, silent, NULL, "no word on stderr"),
    CALL("socks4", 0, opt_socks4, "HOST[:PORT]", "through such a proxy"),
    CALL("socks4a", 0, opt_socks4a, "HOST[:PORT]", "through such a proxy"),
    CALL("socks5", 0, opt_socks5, "HOST[:PORT]", "through such a proxy"),
    NOTHING("socks5-basic", 0),
    MISSING("socks5-gssapi", 0),
    MISSING("socks5-gssapi-nec", 0),
    MISSING("socks5-gssapi-service", 0),
    CALL("socks5-hostname", 0, opt_socks5h, "HOST[:PORT]",
         "the same, it looks names up"),
    SIZE("speed-limit", 'Y', speed_limit, "BYTES", "a second, at least"),
    NUMBER("speed-time", 'y', speed_time, "SEC", "or give up after so long"),
    U_SWITCH_("ssl", 0, opt_ssl, "TLS, if the server offers it"),
    NOTHING("ssl-allow-beast", 0),
    NOTHING("ssl-auto-client-cert", 0),
    NOTHING("ssl-no-revoke", 0),
    U_SWITCH_("ssl-reqd", 0, opt_ssl_reqd, "TLS, or nothing"),
    NOTHING("ssl-revoke-best-effort", 0),
    MISSING("sslv2", '2'),
    MISSING("sslv3", '3'),
    GLOBAL("stderr", 0, KIND_STRING, stderr_to, "FILE", "stderr goes there"),
    NOTHING("styled-output", 0),
    NOTHING("suppress-connect-headers", 0),
    MISSING("tcp-fastopen", 0),
    NOTHING("tcp-nodelay", 0),
    MISSING("telnet-option", 't'),
    MISSING("test-event", 0),
    MISSING("tftp-blksize", 0),
    MISSING("tftp-no-options", 0),
    STRING("time-cond", 'z', time_cond, "DATE|FILE",
           "only if newer; '-' in front: older"),
    CALL("tls-max", 0, opt_tls_max, "1.2|1.3", "the newest TLS"),
    STRING("tls13-ciphers", 0, tls.suites, "LIST", "ciphers of TLS 1.3"),
    MISSING("tlsauthtype", 0),
    MISSING("tlspassword", 0),
    MISSING("tlsuser", 0),
    SWITCH("tlsv1", '1', opt_tls_least, "TLS 1.2 or newer, as by default"),
    SWITCH("tlsv1.0", 0, opt_tls_least, "the same"),
    SWITCH("tlsv1.1", 0, opt_tls_least, "the same"),
    SWITCH("tlsv1.2", 0, opt_tls_12, "the same"),
    SWITCH("tlsv1.3", 0, opt_tls_13, "TLS 1.3 or newer"),
    MISSING("tr-encoding", 0),
    CALL("trace", 0, opt_trace, "FILE", "all bytes, in hex, to FILE"),
    CALL("trace-ascii", 0, opt_trace_ascii, "FILE", "the same, as text"),
    GLOBAL("trace-secrets", 0, KIND_BOOL, trace_secrets, NULL,
           "do not mask passwords in traces"),
    GLOBAL("trace-time", 0, KIND_BOOL, trace_time, NULL, "and the time"),
    STRING("unix-socket", 0, unix_socket, "PATH", "connect to this socket"),
    CALL("upload-file", 'T', opt_upload, "FILE", "PUT FILE; '-': stdin"),
    CALL("url", 0, opt_url, "URL", "a URL"),
    CALL("url-query", 0, opt_url_query, "TEXT", "one more part of the query"),
    U_FLAG_("use-ascii", 'B', url_flags, URL_ASCII, "FTP: as text"),
    STRING("user", 'u', user, "USER:PASSWORD", "log in"),
    STRING("user-agent", 'A', agent, "TEXT", "who asks"),
    GLOBAL("verbose", 'v', KIND_BOOL, verbose, NULL, "show the dialogue"),
    GLOBAL("version", 'V', KIND_BOOL, version, NULL, "print the version"),
    CALL("write-out", 'w', opt_write_out, "FORMAT|@FILE",
         "print this when done"),
    MISSING("xattr", 0),
};
const size_t option_count = sizeof option_table / sizeof option_table[0];

enum option_kind option_kind_of(const struct option_def *o)
{
    unsigned kind = o->kind;

    if ((kind & KIND_URLGET) == 0 || fetch_program.all_schemes)
        return kind & ~(unsigned)(KIND_URLGET | KIND_ELSE_NOTHING);
    return kind & KIND_ELSE_NOTHING ? KIND_NOTHING : KIND_MISSING;
}
