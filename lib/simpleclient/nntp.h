/* nntp.h - news: NNTP (RFC 3977), with STARTTLS (4642), AUTHINFO (4643),
 * streaming (4644), LIST additions (6048), COMPRESS (8054); and yEnc.
 *
 *     static int show(void *arg, const struct nntp_article *a)
 *     {
 *         printf("%.*s\n", (int)a->subject.len, a->subject.data);
 *         return 0;
 *     }
 *     struct nntp_fetch how = {.what = NNTP_OVER, .over = show};
 *     struct nntp_result r = {0};
 *
 *     if (nntp_fetch("nntp://news.example.org/comp.lang.c/1-", &how, &r) < 0)
 *         fprintf(stderr, "%s\n", r.error.text);
 *     nntp_result_free(&r);
 */
#ifndef SIMPLECLIENT_NNTP_H
#define SIMPLECLIENT_NNTP_H

#include <simpleclient/client.h>
#include <simpleclient/mail.h>
#include <simpleclient/sasl.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NNTP_ID_MOST = 250,   /* bytes of a message-id, its brackets included */
    NNTP_NAME_MOST = 460, /* of a group's name: a command has 512 */
    NNTP_OVER_MORE = 16   /* overview fields beyond the seven */
};

/* --- records --- */

/* One line of an overview (RFC 3977 section 8.3). Spans are borrowed until the
 * function that was given it returns; absent and empty ones have length 0. */
struct nntp_article {
    uint64_t number; /* 0: asked for by message-id */
    struct sc_span subject, from, date, message_id, references;
    uint64_t bytes, lines; /* 0: not told */
    struct sc_span xref;   /* "host group:number ...", without its name */
    /* Others that the server keeps, in its order; the name is that of LIST
     * OVERVIEW.FMT, without its colon. */
    struct {
        struct sc_span name, value;
    } more[NNTP_OVER_MORE];
    size_t n_more;
};

/* A group, as GROUP and the LISTs tell it; what was not told is 0 or empty.
 * NAME and texts are borrowed, as above; of nntp_group and nntp_listgroup until
 * the next call on the client. */
struct nntp_group {
    struct sc_span name;
    uint64_t count;        /* GROUP, LIST COUNTS: about so many */
    uint64_t first, last;  /* last < first: the group is empty */
    struct sc_span status; /* "y", "n", "m", or RFC 6048 section 3.1's others */
    int64_t created;       /* ACTIVE.TIMES: seconds since 1970 */
    struct sc_span creator;
    struct sc_span description; /* NEWSGROUPS, COUNTS */
};

/* What a reply says an article is. */
struct nntp_ref {
    uint64_t number; /* 0: none in this group, or not told */
    char id[NNTP_ID_MOST + 1];
};

/* --- one call: fetch --- */

enum nntp_what { NNTP_OVER, NNTP_ARTICLE, NNTP_HEAD, NNTP_BODY };
/* Bits of nntp_fetch.flags. */
enum nntp_flag {
    NNTP_COMPRESS = 1 /* COMPRESS DEFLATE if offered */
};

/* An article that is under way. */
struct nntp_item {
    size_t index;    /* of IDS; in a range: how many stand before it there */
    uint64_t number; /* 0: IDS names it */
    const char *id;  /* or "" where it is not known; borrowed */
    void *user;      /* ARG at first; BEGIN may set it: SINK's ARG for this
                        article */
};

struct nntp_fetch {
    int what;       /* enum nntp_what */
    unsigned flags; /* enum nntp_flag */
    /* NNTP_OVER: each line of the overview. May not wait. Negative stops. */
    int (*over)(void *arg, const struct nntp_article *a);
    /* Else: bytes go to SINK between BEGIN and END (lines end in CRLF, dots
     * unstuffed). BEGIN 0: go on. END with RC 0: it is whole. END with RC
     * negative: SC_EREPLY: no server gave it (BEGIN was not called then); else
     * it was cut, and is to be thrown away; it may be begun again on another
     * connection. Each BEGIN that returned 0 has its END. A negative result of
     * any stops the fetching. BEGIN and END may be NULL. All may wait. With more
     * than one connection several articles are under way at once, in tasks of
     * their own: tell them apart by ITEM and its USER. */
    int (*begin)(void *arg, struct nntp_item *item);
    sc_sink sink;
    int (*end)(void *arg, const struct nntp_item *item, int rc);
    void *arg;
    /* Fetch these message-ids ("<a@b>", NULL-ended) and no range. */
    const char *const *ids;
    /* How many connections at most, to 500; 0: 1. Fewer are used when the server
     * says 400 or 502 (too many): tried again after a while, longer each time.
     * An overview of a range uses one. */
    int connections;
    /* URLs of servers (NULL-ended) that are asked, in order, by message-id, for
     * articles that the one before does not have; in a range, by the message-ids
     * that its overview still names. They get no login of OPTIONS, but that of
     * their URL, or of netrc. */
    const char *const *backups;
    const struct sc_options *options; /* NULL: the defaults */
};

/* Zero bytes are an empty one. */
struct nntp_result {
    uint64_t count, first, last; /* of the group */
    uint64_t fetched;            /* lines of overview, or articles */
    uint64_t missing;            /* articles that no server gave */
    struct sc_error error;
};
/* Empty it; it holds no memory now. */
SC_API void nntp_result_free(struct nntp_result *r);

/* Fetch overview or articles. URL:
 * nntp[s]://[user[:password]@]host[:port]/GROUP[/FIRST[-[LAST]]] (all: no range),
 * or of the server alone where IDS names the articles. A range's articles that
 * are not there (cancelled, expired) are left out, counted as missing only if
 * LISTGROUP named them. Pipelined; on one connection articles come in order, but
 * for what is asked of backups, which comes last. A connection that dies is opened
 * again, up to three times in turn without any article: what was cut is fetched
 * anew, and an overview goes on behind its last line. Waits. Returns 0: all that is
 * there was delivered; or the first error. SC_EREPLY: the login or the group was
 * refused, or an id is missing (the others were delivered). SC_EURL; SC_EINVAL:
 * nothing was sent. SC_ENOTSUP: no overview by message-id here. SC_ESHORT: cut -
 * never told as success. */
SC_API int nntp_fetch(const char *url, const struct nntp_fetch *how,
                      struct nntp_result *r);

/* --- one call: send --- */

enum nntp_outcome {
    NNTP_NOT_SENT, /* certainly nobody got it */
    NNTP_SENT,
    NNTP_UNKNOWN /* the connection died after the article, and asking did not
                    help */
};
struct nntp_sent {
    int outcome; /* enum nntp_outcome */
    int code;    /* the server's last word: 240, 441, 223 (STAT); 0: none */
    char text[160];
    char id[NNTP_ID_MOST + 1]; /* the article's Message-ID */
    struct sc_error error;
};
/* Post ARTICLE (header, empty line, body; lines end in LF or CRLF) to the
 * server of URL (nntp[s]://[user[:password]@]host[:port]/), over an idle
 * connection if there is one. An article without Message-ID gets one in front, so
 * that it has a name before it is sent: if the connection dies after that, the
 * server is asked for it once (STAT), and if it has none and the source can be
 * rewound, it is sent again; a second one is a duplicate to the server (441).
 * Waits. Returns 0; SC_EREPLY: refused (440, 441); SC_EUNKNOWN; SC_EINVAL, before
 * connecting: a header that cannot be (a line that is no field, NUL, a bare CR, two
 * Message-IDs or a bad one, no blank line, over 256 KiB); SC_EINVAL too: a bare CR
 * in the body, the article was cut there; others. Not sent, but with SC_EUNKNOWN. */
SC_API int nntp_send(const char *url, const struct mail_source *article,
                     const struct sc_options *opt, struct nntp_sent *r);

/* --- an open client --- */

typedef struct NNTPClient NNTPClient;

enum nntp_capability {
    NNTP_CAP_CAPABILITIES = 1, /* CAPABILITIES itself was understood */
    NNTP_CAP_READER = 2,
    NNTP_CAP_MODE_READER = 4,
    NNTP_CAP_POST = 8,
    NNTP_CAP_IHAVE = 16,
    NNTP_CAP_STREAMING = 32,
    NNTP_CAP_OVER = 64,
    NNTP_CAP_OVER_MSGID = 128,
    NNTP_CAP_HDR = 256,
    NNTP_CAP_NEWNEWS = 512,
    NNTP_CAP_LIST = 1024,
    NNTP_CAP_STARTTLS = 2048,
    NNTP_CAP_AUTHINFO_USER = 4096,
    NNTP_CAP_AUTHINFO_SASL = 8192,
    NNTP_CAP_COMPRESS_DEFLATE = 16384
};
struct nntp_caps {
    unsigned have;  /* enum nntp_capability */
    int version;    /* highest told; 0: none */
    bool posting;   /* the greeting, or MODE READER, said 200 */
    char sasl[512]; /* mechanisms, separated by spaces */
    char list[256]; /* keywords of LIST */
    char implementation[128];
    struct sc_buf all; /* every line as it came, LF between */
};

/* Connect to SERVER ("host[:port]", port 119, 563 for TLS, or a URL as
 * nntp_send), read the greeting, CAPABILITIES, STARTTLS as the options say, MODE
 * READER if it is needed (RFC 3977 section 5.3; never where READER is there),
 * log in if the options name a user: SASL; else, or where SASL is refused and no
 * mechanism was named, AUTHINFO USER and PASS, if the password may be shown.
 * Where no AUTHINFO is offered that waits for a 480. Waits. Never NULL (as
 * sc_open). */
SC_API NNTPClient *nntp_open(const char *server, const struct sc_options *opt);
/* The same without MODE READER: to feed a server (IHAVE, CHECK, TAKETHIS). */
SC_API NNTPClient *nntp_open_transit(const char *server,
                                     const struct sc_options *opt);
/* Says QUIT if C is in order; the end instead of 205 is none that is told. */
SC_API int nntp_close(NNTPClient *c);
/* The SimpleClient it is: for sc_last_error, sc_timeout, sc_trace ... */
SC_API SimpleClient *nntp_base(NNTPClient *c);
/* Borrowed; forgotten and asked for again after MODE READER, STARTTLS, login and
 * COMPRESS. */
SC_API const struct nntp_caps *nntp_capabilities(NNTPClient *c);

/* Commands. SC_EREPLY: refused, in order; sc_last_error has the code. CR, LF,
 * NUL, a space, or more than the protocol takes, in a name, message-id or
 * wildmat: SC_EINVAL, nothing sent; so is a message-id without <>. 480 and 483
 * are answered by the login of the options and by STARTTLS (unless it is never
 * wanted), once each, and the command is sent again; behind STARTTLS no group is
 * selected. 400, and 502 but to CAPABILITIES, STARTTLS, AUTHINFO and COMPRESS,
 * break C with SC_EREPLY. All wait. */
SC_API int nntp_ask_capabilities(NNTPClient *c);
SC_API int nntp_mode_reader(NNTPClient *c);
/* Never twice, nor after login or COMPRESS (RFC 4642 section 2.2.2): SC_EINVAL. */
SC_API int nntp_starttls(NNTPClient *c, const struct sc_tls_options *opt);
/* SC_EREPLY: 481, 482, 502 ...; SC_EPLAINTEXT: it would be shown; SC_EINVAL: after
 * COMPRESS (RFC 8054 section 2.2.2), a line break, or too long. */
SC_API int nntp_authinfo_user(NNTPClient *c, const char *user,
                              const char *password);
SC_API int nntp_authinfo_sasl(NNTPClient *c, const struct sc_sasl_login *login);
/* COMPRESS DEFLATE: all that follows is compressed both ways, at most the options'
 * ratio_limit: SC_ETOOBIG. SC_EREPLY: refused, plain as before; SC_ENOTSUP: not
 * offered, or built without zlib; SC_EINVAL: twice. Log in before. */
SC_API int nntp_compress(NNTPClient *c);

/* Select a group. OUT may be NULL. An empty group has last < first. */
SC_API int nntp_group(NNTPClient *c, const char *name, struct nntp_group *out);
/* LISTGROUP: FN gets each number of NAME (NULL: the current group) from FIRST to
 * LAST (0: without end; FIRST 0: all, LAST is 0 then). FN may neither wait nor use
 * C; negative stops and breaks C; so below. SC_EINVAL: no such range. */
SC_API int nntp_listgroup(NNTPClient *c, const char *name, uint64_t first,
                          uint64_t last, int (*fn)(void *arg, uint64_t number),
                          void *arg, struct nntp_group *out);
/* Go to the next article that is there in the group, or to the one before: OUT
 * (may be NULL). SC_EREPLY: there is none (421, 422). */
SC_API int nntp_next(NNTPClient *c, struct nntp_ref *out);
SC_API int nntp_last(NNTPClient *c, struct nntp_ref *out);

/* An article by number (0: the current one) or message-id, dots unstuffed, lines
 * ended in CRLF, of any length, into SINK in constant memory. OUT may be NULL; it
 * is empty where the server does not tell. */
SC_API int nntp_article(NNTPClient *c, uint64_t number, sc_sink sink, void *arg,
                        struct nntp_ref *out);
SC_API int nntp_head(NNTPClient *c, uint64_t number, sc_sink sink, void *arg,
                     struct nntp_ref *out);
SC_API int nntp_body(NNTPClient *c, uint64_t number, sc_sink sink, void *arg,
                     struct nntp_ref *out);
SC_API int nntp_stat(NNTPClient *c, uint64_t number, struct nntp_ref *out);
SC_API int nntp_article_id(NNTPClient *c, const char *id, sc_sink sink,
                           void *arg, struct nntp_ref *out);
SC_API int nntp_head_id(NNTPClient *c, const char *id, sc_sink sink, void *arg,
                        struct nntp_ref *out);
SC_API int nntp_body_id(NNTPClient *c, const char *id, sc_sink sink, void *arg,
                        struct nntp_ref *out);
SC_API int nntp_stat_id(NNTPClient *c, const char *id, struct nntp_ref *out);

/* OVER, or XOVER where it is not known: FN for each article of the current group
 * from FIRST to LAST (0: without end; FIRST 0: the current one), in constant
 * memory. Its fields are named by LIST OVERVIEW.FMT, asked once. No article in
 * the range is no error. */
SC_API int nntp_over(NNTPClient *c, uint64_t first, uint64_t last,
                     int (*fn)(void *arg, const struct nntp_article *a),
                     void *arg);
/* One article, its number 0. SC_ENOTSUP: not by message-id here. */
SC_API int nntp_over_id(NNTPClient *c, const char *id,
                        int (*fn)(void *arg, const struct nntp_article *a),
                        void *arg);
/* HDR, or XHDR: one field (":bytes", "Subject") of a range. */
SC_API int nntp_hdr(NNTPClient *c, const char *field, uint64_t first,
                    uint64_t last,
                    int (*fn)(void *arg, uint64_t number, struct sc_span value),
                    void *arg);
/* That of one article is appended to VALUE. */
SC_API int nntp_hdr_id(NNTPClient *c, const char *field, const char *id,
                       struct sc_buf *value);

/* LIST KEYWORD [ARGUMENT] (ARGUMENT may be NULL): each line, for MODERATORS,
 * DISTRIBUTIONS, DISTRIB.PATS, SUBSCRIPTIONS, MOTD, HEADERS, OVERVIEW.FMT and what
 * servers invent. */
SC_API int nntp_list(NNTPClient *c, const char *keyword, const char *argument,
                     int (*fn)(void *arg, struct sc_span line), void *arg);
/* LIST ACTIVE, ACTIVE.TIMES, NEWSGROUPS, COUNTS of WILDMAT (NULL: all). */
typedef int (*nntp_group_fn)(void *arg, const struct nntp_group *g);
SC_API int nntp_list_active(NNTPClient *c, const char *wildmat,
                            nntp_group_fn fn, void *arg);
SC_API int nntp_list_times(NNTPClient *c, const char *wildmat, nntp_group_fn fn,
                           void *arg);
SC_API int nntp_list_newsgroups(NNTPClient *c, const char *wildmat,
                                nntp_group_fn fn, void *arg);
SC_API int nntp_list_counts(NNTPClient *c, const char *wildmat,
                            nntp_group_fn fn, void *arg);
/* Groups made, and message-ids come, since SINCE (seconds since 1970). */
SC_API int nntp_newgroups(NNTPClient *c, int64_t since, nntp_group_fn fn,
                          void *arg);
/* SC_ENOTSUP: CAPABILITIES does not name it. */
SC_API int nntp_newnews(NNTPClient *c, const char *wildmat, int64_t since,
                        int (*fn)(void *arg, struct sc_span id), void *arg);
/* The server's time, in seconds since 1970. */
SC_API int nntp_date(NNTPClient *c, int64_t *now);
/* Its help is appended to OUT. */
SC_API int nntp_help(NNTPClient *c, struct sc_buf *out);

/* Send an article: POST; OUT (may be NULL) gets the Message-ID that the server
 * suggests (340), or "". SC_EREPLY: 440 (nothing was sent) or 441. Broken:
 * SC_EUNKNOWN: after the final dot the connection died, or 400 or 502 came;
 * SC_EINVAL: a bare CR, and the source's error: the article was cut before its
 * end, the server has none. */
SC_API int nntp_post(NNTPClient *c, const struct mail_source *article,
                     struct nntp_ref *out);
/* Offer, and send if wanted. SC_EREPLY: 435 not wanted, 436 later, 437
 * rejected; others as nntp_post. */
SC_API int nntp_ihave(NNTPClient *c, const char *id,
                      const struct mail_source *article);
/* The end instead of 205 is no error. */
SC_API int nntp_quit(NNTPClient *c);

/* --- streaming (RFC 4644): CHECK and TAKETHIS, many under way --- */

enum nntp_feed_outcome {
    NNTP_FEED_SENT,      /* 239, 235: RC 0 */
    NNTP_FEED_UNWANTED,  /* 438, 435: RC SC_EREPLY, as the next two */
    NNTP_FEED_LATER,     /* 431, 436: may be offered again */
    NNTP_FEED_REJECTED,  /* 439, 437 */
    NNTP_FEED_UNDECIDED, /* it may have left to its end, but no answer came; RC:
                            what broke the client */
    NNTP_FEED_NOT_SENT   /* the server has none; RC tells why */
};
/* DONE is called once for each article, in the order of answers; ID and TEXT (the
 * server's words, or the error's) are borrowed. It may not use F. */
struct nntp_feed;
typedef void (*nntp_fed)(void *arg, const char *id, int outcome, int rc,
                         const char *text);
/* Feed by C, which stays yours, must outlive F and is not used otherwise from the
 * first article until nntp_feed_wait. DONE may be NULL. Does not wait. NULL: no
 * memory. Owned. */
SC_API struct nntp_feed *nntp_feed_new(NNTPClient *c, nntp_fed done, void *arg);
/* Offer an article: CHECK, and TAKETHIS when it is wanted. MODE STREAM is said
 * before the first one; where it is refused, IHAVE is, which waits for its answer.
 * ID is copied, ARTICLE kept until DONE. Waits only when many (256) are under way,
 * or what is sent fills the connection; what was added leaves in nntp_feed_wait
 * at the latest. 480 and 483 are answered as by other commands. Returns 0,
 * SC_EINVAL (the id), or why C is broken; DONE is told in every case but SC_EBUSY
 * (inside DONE). An article that cannot be read to its end, or has a bare CR,
 * breaks C; so does SC_EPROTO: an answer that names no article under way, or is
 * one too many. */
SC_API int nntp_feed_add(struct nntp_feed *f, const char *id,
                         const struct mail_source *article);
/* Send it unasked: TAKETHIS alone. */
SC_API int nntp_feed_take(struct nntp_feed *f, const char *id,
                          const struct mail_source *article);
/* Wait for all answers. Returns 0 or what broke C. */
SC_API int nntp_feed_wait(struct nntp_feed *f);
/* Wait, and free. NULL is allowed. */
SC_API int nntp_feed_free(struct nntp_feed *f);

/* --- yEnc (yenc.org, version 1.3) --- */

/* What "=ybegin", "=ypart" and "=yend" tell. */
struct nntp_yenc {
    char name[256];       /* as it came, control bytes shown as '?': not safe
                            as a path before it was looked at */
    uint64_t size;        /* of the whole file */
    uint64_t begin, end;  /* of this part: bytes BEGIN..END-1 of the file */
    uint32_t part, total; /* 0: one part */
    uint32_t crc;         /* of the bytes of this part, as decoded */
};
/* Decode a body: feed it (CRLF or LF, dots unstuffed), text before and after the
 * encoded block is skipped, bytes go to SINK. */
struct nntp_yenc_decoder;
SC_API struct nntp_yenc_decoder *nntp_yenc_decoder_new(sc_sink sink, void *arg);
/* An sc_sink whose ARG is the decoder. */
SC_API int nntp_yenc_sink(void *decoder, const void *p, size_t n);
/* What is known so far; complete after =yend. Borrowed. */
SC_API const struct nntp_yenc *nntp_yenc_info(struct nntp_yenc_decoder *d);
/* The body has ended. 0: a whole part, its size and CRC as told. SC_ECODING: not
 * yEnc, or damaged (size or CRC wrong); SC_ESHORT: no =yend; SC_ENOTSUP: built
 * without zlib: nothing is checked, so nothing is well. */
SC_API int nntp_yenc_finish(struct nntp_yenc_decoder *d, struct sc_error *err);
SC_API void nntp_yenc_decoder_free(struct nntp_yenc_decoder *d);
/* Encode N bytes, which are part WHAT->part of WHAT->total (0: the only one) of
 * the file NAME, appended to OUT as lines of 128 encoded bytes (129 where an
 * escape ends one) that end in CRLF, =ybegin and =yend included. WHAT->crc is set;
 * of the only part SIZE and END too, if they are 0. SC_EINVAL: NAME has a line
 * break, or BEGIN and END do not fit N; SC_ENOTSUP: built without zlib. After an
 * error OUT is as before. */
SC_API int nntp_yenc_encode(struct sc_buf *out, struct nntp_yenc *what,
                            const void *p, size_t n);

#ifdef __cplusplus
}
#endif
#endif
