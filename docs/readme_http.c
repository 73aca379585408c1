/* readme_http.c - what README shows of HTTP beyond the first page. */
#include <simpleclient/http_form.h>
#include <simpleclient/http_session.h>
#include <stdio.h>

/* Log in once, keep cookies, try again when the server is busy. */
static int ask(struct http_session *s, const char *url, struct http_reply *r)
{
    struct http_request q = {.url = url,
                             .session = s,
                             .flags = HTTP_COMPRESSED,
                             .retry = &(struct http_retry){.times = 3}};

    return http_request(&q, r);
}

/* A form with a file, streamed, its length known beforehand. */
static int upload(struct http_session *s, const char *url, struct http_reply *r)
{
    struct http_form *f = http_form_new();
    struct http_source body = {0};
    struct http_request q = {.url = url, .session = s, .source = &body};
    int rc;

    http_form_add(f, &(struct http_part){.name = "who", .text = "joe"});
    http_form_add(
        f, &(struct http_part){.name = "list", .path = "/etc/os-release"});
    if ((rc = http_form_source(f, &body, &r->error)) == 0)
        rc = http_request(&q, r);
    http_form_free(f);
    return rc;
}

int main(int argc, char **argv)
{
    const char *url = argc > 1 ? argv[1] : "https://www.example.org/";
    struct http_session *s = http_session_new(NULL);
    struct http_reply r = {0};
    int rc;

    http_session_login(s, url, "joe", "secret"); /* and to nobody else */
    http_session_cookies(s);                     /* from now on kept */
    if ((rc = ask(s, url, &r)) == 0 && (rc = upload(s, url, &r)) == 0)
        rc = http_download(url, "page.html", &r); /* complete or not at all */
    if (rc < 0)
        fprintf(stderr, "%s\n", r.error.text);
    else
        printf("%d %s, after %d requests\n", r.status, http_final_url(&r),
               r.nhops);
    http_reply_free(&r);
    http_session_free(s);
    return rc < 0;
}
