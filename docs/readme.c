/* readme.c - the program that README shows first. */
#include <simpleclient/http.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    const char *url = argc > 1 ? argv[1] : "http://www.example.org/";
    struct http_reply page = {0};
    int rc = http_get(url, &page);

    if (rc < 0)
        fprintf(stderr, "%s\n", page.error.text);
    else
        printf("%d %s\n%s", page.status, page.reason, page.body.data);
    http_reply_free(&page); /* in every case */
    return rc < 0;
}
