/* peer_curl.c - peer_curl JOB HOST PORT COUNT ... - the jobs by libcurl's easy
 * interface, one handle reused, as its documentation advises. No H2, no H3. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>

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

int main(int argc, char **argv)
{
    struct bench_args a;
    uint64_t n;
    FILE *f;
    CURL *c;

    bench_args(argc, argv, &a);
    f = a.job[0] == 'U' && a.file != NULL ? fopen(a.file, "r") : NULL;
    curl_global_init(CURL_GLOBAL_ALL);
    bench_start();
    c = prepare(&a, f);
    n = bench_one_body(a.job) ? 1 : a.count;
    for (uint64_t i = 0; i < n; i++)
        perform(c);
    bench_stop(&a, "libcurl", n, f != NULL ? a.count : octets);
    curl_easy_cleanup(c);
    if (f != NULL)
        fclose(f);
    return 0;
}
