/* mail.h - messages as text (RFC 5322, MIME): where one comes from, a small
 * composer, and where they are kept (Maildir, mbox). Nothing of MIME reading.
 *
 *     struct mail_composer *m = mail_composer_new();
 *     struct mail_source message;
 *
 *     mail_set(m, "From", "Joe Q. Public <joe@example.org>");
 *     mail_set(m, "To", "J\xc3\xb6rg <joerg@example.org>");
 *     mail_set(m, "Subject", "Gr\xc3\xbc\xc3\x9f" "e");
 *     mail_text(m, "Hello\n");
 *     mail_attach(m, "report.pdf", NULL, NULL);
 *     if (mail_composed(m, &message, &err) == 0) ...
 *     mail_composer_free(m);
 */
#ifndef SIMPLECLIENT_MAIL_H
#define SIMPLECLIENT_MAIL_H

#include <sys/types.h>

#include <simpleclient/buf.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where a message comes from: READ, else the file FD (greater than 0), else
 * DATA. Lines end in LF or CRLF. Zero bytes: an empty one. */
struct mail_source {
    struct sc_span data;
    /* Give 1..N bytes, 0 at the end, negative to fail. May wait. */
    ssize_t (*read)(void *arg, void *buf, size_t n);
    int (*rewind)(void *arg); /* begin again; NULL: it cannot */
    void *arg;
    int fd; /* a regular file, from OFFSET to its end */
    uint64_t offset;
};

/* --- the composer --- */

/* An empty message, or NULL: no memory. Owned. */
struct mail_composer;
SC_API struct mail_composer *mail_composer_new(void);
SC_API void mail_composer_free(struct mail_composer *m);
/* Set the header field NAME to VALUE (UTF-8). From, Sender, Reply-To, To, Cc are
 * lists of addresses ("Name <a@b>, c@d"): their names are quoted or encoded as
 * they need (RFC 5322 section 3.4, RFC 2047); others are encoded as text, white
 * space between their words becomes one space. Folded at 78 columns. Again:
 * replaced. SC_EINVAL: no field name, CR, LF or NUL in it, no UTF-8, no address
 * where one must be, or a field that the composer makes (MIME-Version,
 * Content-Type, Content-Transfer-Encoding). A failure is remembered:
 * mail_composed returns it. Date and Message-ID are made if not set, From is
 * not; Bcc is not sent. */
SC_API int mail_set(struct mail_composer *m, const char *name,
                    const char *value);
/* The text (UTF-8: SC_EINVAL for others, Latin-1 say, which must be converted
 * first); sent as it is, quoted-printable or base64, as it needs. */
SC_API int mail_text(struct mail_composer *m, const char *text);
/* Attach the file PATH as NAME (NULL: PATH's last part; at most 255 bytes) of the
 * media type TYPE (NULL: by its name's end). It is read while the message is
 * sent: SC_ESHORT if it has another size then, or is no file any more. Minus
 * errno: no such file. SC_EINVAL: no such name (UTF-8) or type; message/ and
 * multipart/ may not go in base64 (RFC 2045 section 6.4). */
SC_API int mail_attach(struct mail_composer *m, const char *path,
                       const char *name, const char *type);
/* The message as a source that can be rewound; lines end in CRLF, none is longer
 * than 998 bytes, all bytes are 7-bit unless a header has them. M is borrowed
 * until it was sent. */
SC_API int mail_composed(struct mail_composer *m, struct mail_source *out,
                         struct sc_error *err);

/* Take one address list apart: *POS is 0 at first. ADDRESS gets "a@b". Returns
 * 1, 0 at the end, SC_EINVAL or SC_ENOMEM. */
SC_API int mail_next_address(const char *list, size_t *pos,
                             struct sc_buf *address);

/* --- where messages are kept --- */

/* A message being stored: exactly one of finish and abandon ends it, and frees
 * it. Those who wait wait for the disk, in a thread where they are in a task. */
struct mail_store;
/* Begin one in the Maildir DIR; it and its tmp/, new/ and cur/ are made if they
 * are not there. Written to tmp/ under a name of its own. Waits. NULL: ERR says
 * why. Owned. */
SC_API struct mail_store *mail_maildir_begin(const char *dir,
                                             struct sc_error *err);
/* Begin one for the end of the mbox FILE (mboxrd: lines that begin with "From ",
 * or that behind ">"s, get another ">"). The From_ line names SENDER, or
 * MAILER-DAEMON for NULL, "" and what has spaces. Until it is finished it is
 * kept in memory or, beyond 64 KiB, in a file without a name beside FILE: FILE
 * is locked only while it is appended. Waits. NULL: ERR says why. Owned. */
SC_API struct mail_store *mail_mbox_begin(const char *file, const char *sender,
                                          struct sc_error *err);
/* An sc_sink whose ARG is the struct mail_store: CRLF becomes LF. The error that
 * it returns is returned by finish, too. Waits. */
SC_API int mail_store_sink(void *arg, const void *p, size_t n);
/* Make it safe. Maildir: the file is synced, moved into new/, new/ is synced.
 * mbox: FILE is locked (FILE.lock, made unless the folder forbids it and broken
 * after five minutes, and fcntl), appended to, synced. Returns 0; minus errno,
 * SC_EBUSY (locked for ten seconds) or what the sink returned: nothing of it is
 * left then. Waits. */
SC_API int mail_store_finish(struct mail_store *s, struct sc_error *err);
/* Leave nothing of it. NULL is allowed. Waits. */
SC_API void mail_store_abandon(struct mail_store *s);

#ifdef __cplusplus
}
#endif
#endif
