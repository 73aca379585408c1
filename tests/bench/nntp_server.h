/* nntp_server.h - what the files of the bench's news server share. */
#ifndef BENCH_NNTP_SERVER_H
#define BENCH_NNTP_SERVER_H

#include "kit.h"

#include <openssl/ssl.h>
#include <zlib.h>

struct nntp_text {
    const char *p;
    size_t n;
};

/* --- nntp_server_text.c: what there is, made once, never freed --- */

enum { NNTP_TEXTS = 64 };

/* An article as it goes out, its final dot included: NNTP_TEXTS of them share
 * all the numbers. */
extern struct nntp_text nntp_article[NNTP_TEXTS];
/* The large bodies: FRONT, BLOCK again and again, BACK. */
struct nntp_large {
    struct nntp_text front, block, back;
    uint64_t times;
};
/* Make COUNT articles of SIZE bytes; where that is more than a megabyte, large
 * bodies. */
void nntp_make_texts(uint64_t size);
/* OVER's answer for COUNT articles; LISTGROUP's. */
struct nntp_text nntp_overview(uint64_t count, uint64_t size);
struct nntp_text nntp_numbers(uint64_t count);
/* Of SIZE bytes: lines of 74, each eighth dotted; or one part of yEnc. */
void nntp_large_lines(struct nntp_large *l, uint64_t size);
void nntp_large_yenc(struct nntp_large *l, uint64_t size);

/* --- nntp_server_io.c: a blocking connection --- */

struct nntp_io {
    int fd;
    SSL *ssl;
    bool deflate;
    z_stream inflated, deflated;
    char in[64 << 10];
    size_t have; /* of IN */
    char raw[16 << 10];
    char out[64 << 10];
    size_t waiting; /* of OUT */
};

/* Accept one; CTX may be NULL. False: none came. */
bool nntp_io_accept(struct nntp_io *io, int listener, SSL_CTX *ctx);
/* More into IN. False: the end. */
bool nntp_io_more(struct nntp_io *io);
bool nntp_io_put(struct nntp_io *io, const char *p, size_t n);
/* Out with what waits. */
bool nntp_io_flush(struct nntp_io *io);
/* All that follows is compressed. */
void nntp_io_compress(struct nntp_io *io);
void nntp_io_close(struct nntp_io *io);

#endif
