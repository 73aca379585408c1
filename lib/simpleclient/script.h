/* script.h - test a protocol without a server: a peer played from text, and
 * the recording of a real dialogue in the same form.
 *
 *     S: +OK ready           the server sends this line (CRLF added)
 *     C: RETR 1              the client must send this line
 *     s: raw\x00bytes\r\n    sent as they are: \r \n \t \\ \xHH, no CRLF added
 *     c: raw                 must be sent, same escapes
 *     S.                     the server ends the connection
 *     S!                     it resets it: SC_ECONNRESET
 *     S~                     it says nothing: the read times out
 *     C: ***                 the client must send a line, any
 *     C.                     the client must half-close
 *     C~                     from here it may send what it likes, and end
 *     T.                     TLS begins here
 *     D.                     raw deflate begins here (RFC 8054)
 *     @ 2 host:port          these are lines of connection 2; words follow for
 *                            people
 *     # ...                  a comment; empty lines too
 *
 * At its end a script ends the connection. C~, T. and D. are marks for
 * sc_script_serve: others do as if they were not there. */
#ifndef SIMPLECLIENT_SCRIPT_H
#define SIMPLECLIENT_SCRIPT_H

#include <simpleclient/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A stream whose other side is TEXT (copied). A read delivers at most SPLIT
 * bytes (0: as many as there are up to the next C:). Waits never: a read
 * where the script waits for the client is SC_ESCRIPT, as is a byte that
 * differs from a C: line. NULL: ERR says which line is wrong. */
SC_API Stream *sc_script_open(const char *text, size_t split,
                              struct sc_error *err);
/* 0 if the whole script was played; else SC_ESCRIPT, and ERR has the first
 * difference: line number, expected, got. */
SC_API int sc_script_done(Stream *s, struct sc_error *err);

/* Play the S: side of TEXT to a real client on S (from sc_accept), checking
 * its C: side. Waits. Returns 0, SC_ESCRIPT, or S's error. */
SC_API int sc_script_play(Stream *s, const char *text, struct sc_wait *w);

/* How many connections the recording TEXT has, or SC_EINVAL, SC_ENOMEM: ERR says
 * which line is wrong. */
SC_API int sc_script_connections(const char *text, struct sc_error *err);
/* Play the S: side of connection WHICH (0: the first that TEXT names) to a real
 * client on *S. Where T. stands TLS begins, with TLS's certificate, and where
 * D. stands deflate: *S is then the stream above it, still yours. After the
 * last line the client must end. Waits. Returns 0; SC_ESCRIPT: the first
 * difference is in W's error; SC_EINVAL: no such connection, or a wrong line;
 * SC_ENOTSUP: TLS, and TLS is NULL; or *S's error. */
SC_API int sc_script_serve(Stream **s, const char *text, int which,
                           const struct sc_tls_options *tls, struct sc_wait *w);

/* Write the dialogue over LOW to SINK as a script: lines as S: and C:, what is
 * no line as s: and c:. LOW is taken; on failure still yours. Bytes are
 * recorded as they are, secrets too. SINK may not wait: it is called when the
 * stream ends, too. Clients record themselves: options.h, record. */
SC_API Stream *sc_record_wrap(Stream *low, sc_sink sink, void *arg,
                              struct sc_error *err);

#ifdef __cplusplus
}
#endif
#endif
