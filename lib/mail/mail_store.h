/* mail_store.h - a message on its way to the disk: what Maildir and mbox share.
 * Private to mail/, and to pop3/ for what it knows messages by. */
#ifndef SC_MAIL_STORE_H
#define SC_MAIL_STORE_H

#include <simpleclient/mail.h>

enum { MAIL_STORE_PIECE = 65536, MAIL_MARK_MOST = 64 };

/* What a kind of store does. All but SINK run in a thread, and return 0 or minus
 * errno. */
struct mail_store_class {
    const char *name;
    int (*sink)(struct mail_store *s, const char *p, size_t n);
    /* Fill in fd. */
    int (*open)(struct mail_store *s);
    /* All is in buf, and before that in fd if there is one. -EAGAIN: once more
     * a little later. */
    int (*finish)(struct mail_store *s);
    /* Remove what is left, after a success too. */
    void (*drop)(struct mail_store *s);
};

struct mail_store {
    const struct mail_store_class *cls;
    char *where;   /* the Maildir, or the mbox */
    char *name;    /* Maildir: of the file; mbox: the From_ line */
    int fd;        /* -1: none yet */
    char *buf;     /* MAIL_STORE_PIECE */
    size_t n;      /* bytes in it */
    int error;     /* the first */
    bool done;     /* safe: nothing is left to remove */
    char said[64]; /* what is known of it, or "" */
    bool cr;       /* the last byte was a CR, and waits for LF */
    bool mid;      /* a line has begun */
    bool quoting;  /* mbox: at the beginning of one: */
    size_t gt;     /* so many ">" */
    size_t from;   /* and so many bytes of "From " are held back */
};

struct mail_store *mail_store_new(const struct mail_store_class *cls,
                                  const char *where, struct sc_error *err);
/* Begin; S is taken. NULL: it could not. */
struct mail_store *mail_store_open(struct mail_store *s, struct sc_error *err);
/* Bytes that were held back come. Returns the first error of S. */
int mail_store_complete(struct mail_store *s);
/* Say in ERR that S has failed with RC. Returns RC. */
int mail_store_say(const struct mail_store *s, int rc, struct sc_error *err);
/* Queue bytes as they are. May wait. */
int mail_store_put(struct mail_store *s, const char *p, size_t n);
/* In a thread: write all, or minus errno. */
int mail_write_all(int fd, const char *p, size_t n);
/* In a thread: fill in fd with a file that has no name, in $TMPDIR or /tmp. */
int mail_open_aside(struct mail_store *s);
/* In a thread: sync the folder PATH, or that of the file PATH. */
int mail_sync_folder(const char *path);
int mail_sync_folder_of(const char *path);

/* mail_maildir_begin, with MARK (letters and digits, or NULL) in the file's name,
 * where it stays whoever moves it to cur/. */
struct mail_store *mail_maildir_begin_marked(const char *dir, const char *mark,
                                             struct sc_error *err);
/* mail_store_finish of N that were begun in the same Maildir: the files are
 * synced one behind the other, their folder once. Returns how many are safe, the
 * first ones of S; ERR says why the next one is not. Waits. */
size_t mail_maildir_finish_all(struct mail_store *const *s, size_t n,
                               struct sc_error *err);
/* Call FN, in a thread, for each message in new/ and cur/ that has a mark: SECONDS
 * is when it was begun, since 1970. Waits.
 * Returns 0 (also without such a Maildir) or minus errno. */
int mail_maildir_marks(const char *dir,
                       void (*fn)(void *arg, const char *mark, int64_t seconds),
                       void *arg);

/* Begin one for the stdin of sh -c COMMAND, which is run when it is whole: exit 0
 * says that it is safe; else -EIO. Waits as long as COMMAND runs. */
struct mail_store *mail_command_begin(const char *command,
                                      struct sc_error *err);

#endif
