/* peer_curl.c - peer_curl JOB HOST PORT COUNT ... - the jobs by libcurl's easy
 * interface, one handle reused, as its documentation advises. No H2, H3, S4,
 * P4, P5. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

static uint64_t octets;

static size_t sink(char *p, size_t one, size_t n, void *arg)
{
    (void)p, (void)arg;
    octets += one * n;
    return one * n;
}

static void perform(CURL *c)
{
    CURLcode rc = curl_easy_perform(c);

    if (rc == CURLE_OK)
        return;
    fprintf(stderr, "peer_curl: %s\n", curl_easy_strerror(rc));
    exit(1);
}

static void set_upload(CURL *c, const struct bench_args *a, FILE *f)
{
    struct curl_slist *no_wait = curl_slist_append(NULL, "Expect:");

    curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(c, CURLOPT_READDATA, f);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, no_wait);
    curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, 512L << 10);
    curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)a->count);
}

/* --- mail --- */

static const char *mail;
static size_t mail_at;

static size_t give(char *p, size_t one, size_t n, void *arg)
{
    const struct bench_args *a = arg;
    size_t left = a->size - mail_at;

    n = one * n < left ? one * n : left;
    memcpy(p, mail + mail_at, n);
    mail_at += n;
    octets += n;
    return n;
}

/* Every message anew, as the handle keeps only its options. */
static void set_mail(CURL *c, struct bench_args *a, FILE *f)
{
    struct curl_slist *to = NULL;
    char text[64];

    for (int i = 0; i < a->conns; i++) {
        snprintf(text, sizeof text, "<rcpt%d@bench.example>", i);
        to = curl_slist_append(to, text);
    }
    snprintf(text, sizeof text, "smtp://%s:%d/bench", a->host, a->port);
    curl_easy_setopt(c, CURLOPT_URL, text);
    curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(c, CURLOPT_MAIL_FROM, "<sender@bench.example>");
    curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, 512L << 10);
    if (f != NULL) {
        curl_easy_setopt(c, CURLOPT_READDATA, f);
    } else {
        mail = bench_mail(a->size);
        curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
        curl_easy_setopt(c, CURLOPT_READDATA, a);
    }
}

/* --- messages --- */

static CURL *prepare_box(void)
{
    CURL *c = curl_easy_init();

    curl_easy_setopt(c, CURLOPT_USERNAME, "bench");
    curl_easy_setopt(c, CURLOPT_PASSWORD, "bench");
    curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, sink);
    curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 256L << 10);
    return c;
}

/* Message N; 0: the list of their UIDs. */
static void set_message(CURL *c, const struct bench_args *a, uint64_t n)
{
    char url[128], command[64];

    snprintf(command, sizeof command, "TOP %llu 0", (unsigned long long)n);
    snprintf(url, sizeof url, "pop3://%s:%d/", a->host, a->port);
    if (n > 0 && a->job[1] != '3')
        snprintf(url, sizeof url, "pop3://%s:%d/%llu", a->host, a->port,
                 (unsigned long long)n);
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST,
                     n == 0             ? "UIDL"
                     : a->job[1] == '3' ? command
                                        : NULL);
}

static void fetch_all(CURL *c, const struct bench_args *a, uint64_t n)
{
    uint64_t i = a->job[1] == '1' ? 0 : 1;

    for (; i <= n; i++) {
        set_message(c, a, i);
        perform(c);
        if (i == 0)
            octets = 0;
    }
}

/* --- pages --- */

static CURL *prepare(const struct bench_args *a, FILE *f)
{
    CURL *c = curl_easy_init();
    char url[256], path[64];

    bench_path(a, path, sizeof path);
    snprintf(url, sizeof url, "http%s://%s:%d%s", a->job[0] == 'T' ? "s" : "",
             a->host, a->port, path);
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, sink);
    curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
    if (a->job[0] == 'T')
        curl_easy_setopt(c, CURLOPT_CAINFO, a->ca);
    if (bench_one_body(a->job))
        curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 256L << 10);
    if (a->job[1] == '5')
        curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
    if (f != NULL)
        set_upload(c, a, f);
    return c;
}

static bool uploads_file(const struct bench_args *a)
{
    return a->job[0] == 'U' || (a->job[0] == 'S' && bench_one_body(a->job));
}

int main(int argc, char **argv)
{
    struct bench_args a;
    uint64_t n;
    FILE *f;
    CURL *c;

    bench_args(argc, argv, &a);
    f = uploads_file(&a) && a.file != NULL ? fopen(a.file, "r") : NULL;
    curl_global_init(CURL_GLOBAL_ALL);
    bench_start();
    n = bench_one_body(a.job) ? 1 : a.count;
    if (a.job[0] == 'S')
        set_mail(c = curl_easy_init(), &a, f);
    else if (a.job[0] == 'P')
        fetch_all(c = prepare_box(), &a, n);
    else
        c = prepare(&a, f);
    for (uint64_t i = 0; i < n && a.job[0] != 'P'; i++) {
        mail_at = 0;
        perform(c);
    }
    bench_stop(&a, "libcurl", n, f != NULL ? a.count : octets);
    curl_easy_cleanup(c);
    if (f != NULL)
        fclose(f);
    return 0;
}
