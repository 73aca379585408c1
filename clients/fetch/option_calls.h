/* option_calls.h - options that are more than a value put away. Each takes the
 * command line read so far and its value (NULL for switches, where ON is false
 * after --no-), and returns 0 or an exit code, told. */
#ifndef CLIENTS_FETCH_OPTION_CALLS_H
#define CLIENTS_FETCH_OPTION_CALLS_H

#include "fetch/options.h"

#define OPTION_CALL(name) int name(struct command *k, const char *v, bool on)

OPTION_CALL(opt_url);
OPTION_CALL(opt_output);
OPTION_CALL(opt_remote_name);
OPTION_CALL(opt_upload);
OPTION_CALL(opt_next);
OPTION_CALL(opt_config);

OPTION_CALL(opt_data);
OPTION_CALL(opt_data_raw);
OPTION_CALL(opt_data_binary);
OPTION_CALL(opt_data_urlencode);
OPTION_CALL(opt_json);
OPTION_CALL(opt_url_query);
OPTION_CALL(opt_form);
OPTION_CALL(opt_form_string);
OPTION_CALL(opt_header);
OPTION_CALL(opt_proxy_header);

OPTION_CALL(opt_location_trusted);
OPTION_CALL(opt_max_redirs);
OPTION_CALL(opt_referer);
OPTION_CALL(opt_http10);
OPTION_CALL(opt_http11);
OPTION_CALL(opt_netrc);
OPTION_CALL(opt_netrc_optional);
OPTION_CALL(opt_netrc_file);
OPTION_CALL(opt_cookie);
OPTION_CALL(opt_jar);

OPTION_CALL(opt_proxy);
OPTION_CALL(opt_socks4);
OPTION_CALL(opt_socks4a);
OPTION_CALL(opt_socks5);
OPTION_CALL(opt_socks5h);
OPTION_CALL(opt_resolve);
OPTION_CALL(opt_connect_to);
OPTION_CALL(opt_interface);
OPTION_CALL(opt_ipv4);
OPTION_CALL(opt_ipv6);

OPTION_CALL(opt_ftp_method);
OPTION_CALL(opt_ftp_pasv);
OPTION_CALL(opt_ftp_port);
OPTION_CALL(opt_ssl);
OPTION_CALL(opt_ssl_control);
OPTION_CALL(opt_ssl_reqd);

OPTION_CALL(opt_cert);
OPTION_CALL(opt_proxy_cert);
OPTION_CALL(opt_pem);
OPTION_CALL(opt_tls_least);
OPTION_CALL(opt_tls_12);
OPTION_CALL(opt_tls_13);
OPTION_CALL(opt_tls_max);

OPTION_CALL(opt_rate);
OPTION_CALL(opt_file_mode);
OPTION_CALL(opt_write_out);
OPTION_CALL(opt_trace);
OPTION_CALL(opt_trace_ascii);

/* In data.c: the whole file PATH ("-": stdin) appended to OUT. Returns 0 or
 * an exit code, told. */
int read_whole(const char *path, struct sc_buf *out);
/* Without line ends and NULs, as curl takes text of files. */
void drop_line_ends(struct sc_buf *b);
/* The number that TEXT is, at most MOST; false: it is none. */
bool parse_number(const char *text, int64_t most, int64_t *out);

#endif
