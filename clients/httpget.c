/* httpget.c - fetch one URL to stdout or into a file. Letters and exit codes
 * are curl's. The file appears only when it is complete: it is written beside
 * its place under another name, renamed on success, removed on failure. */

#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simpleclient/http.h>
#include <simpleclient/task.h>

#include "term/complain.h"

struct job {
    const char *url;
    const char *output; /* NULL: stdout */
    bool include;
    bool head;
    struct sc_options options;
};

/* Where the body goes, opened when its first byte comes. */
struct output {
    const struct job *job;
    const struct http_reply *reply;
    FILE *file;
    char *temporary; /* name to be renamed, or NULL */
    bool begun;
    bool failed;
};

static void usage(void)
{
    fputs("usage: httpget [options] URL\n"
          "  -o, --output FILE    write to FILE, complete or not at all\n"
          "  -i, --include        print the header too\n"
          "  -I, --head           ask for the header only\n"
          "  -m, --max-time SEC   give up after SEC seconds (0.5 is allowed)\n"
          "  -k, --insecure       accept any certificate\n"
          "      --cacert FILE    trust the certificates in FILE\n"
          "  -v, --verbose        show the dialogue on stderr\n"
          "  -h, --help           print this\n"
          "  -V, --version        print the version\n",
          stdout);
}

static int wrong_use(const char *why, const char *what)
{
    fprintf(stderr, "httpget: %s%s (try --help)\n", why, what);
    return EXIT_USAGE;
}

/* 0, or what a full disk is worth. */
static int printed(void)
{
    if (fflush(stdout) == 0)
        return 0;
    fprintf(stderr, "httpget: cannot write to stdout: %s\n", strerror(errno));
    return EXIT_WRITE;
}

static void show_line(void *arg, int direction, const char *text, size_t n)
{
    (void)arg;
    fprintf(stderr, "%c ", direction);
    for (size_t i = 0; i < n; i++)
        fputc((unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i],
              stderr);
    fputc('\n', stderr);
}

/* --- output --- */

static bool is_plain_target(const char *name, mode_t *mode)
{
    struct stat st;

    *mode = 0;
    if (stat(name, &st) < 0)
        return true;
    *mode = st.st_mode & 07777;
    return S_ISREG(st.st_mode);
}

static FILE *open_beside(struct output *o, const char *name, mode_t mode)
{
    size_t size = strlen(name) + sizeof ".XXXXXX";
    mode_t mask = umask(0);
    FILE *f = NULL;
    int fd;

    umask(mask);
    if ((o->temporary = malloc(size)) == NULL)
        return NULL;
    snprintf(o->temporary, size, "%s.XXXXXX", name);
    if ((fd = mkstemp(o->temporary)) >= 0) {
        fchmod(fd, mode != 0 ? mode : 0666 & ~mask);
        if ((f = fdopen(fd, "w")) == NULL) {
            close(fd);
            unlink(o->temporary);
        }
    }
    if (f == NULL) {
        free(o->temporary);
        o->temporary = NULL;
    }
    return f;
}

/* A symbolic link is followed; what is no regular file (/dev/null, a pipe) is
 * written to directly. */
static FILE *open_file(struct output *o)
{
    const char *name = o->job->output;
    char *real;
    mode_t mode;
    FILE *f;

    if (!is_plain_target(name, &mode))
        return fopen(name, "w");
    real = realpath(name, NULL);
    f = open_beside(o, real != NULL ? real : name, mode);
    free(real);
    return f;
}

static int write_failed(struct output *o)
{
    if (!o->failed)
        fprintf(stderr, "httpget: cannot write to %s: %s\n",
                o->job->output != NULL ? o->job->output : "stdout",
                strerror(errno));
    o->failed = true;
    return SC_EPIPE;
}

static void write_head(const struct output *o)
{
    const struct http_reply *r = o->reply;

    fprintf(o->file, "HTTP/1.%d %d %s\r\n", r->version - 10, r->status,
            r->reason);
    for (size_t i = 0; i < r->head.n; i++)
        fprintf(o->file, "%s: %s\r\n", r->head.at[i].name.data,
                r->head.at[i].value.data);
    fputs("\r\n", o->file);
}

static int begin_output(struct output *o)
{
    if (o->begun)
        return 0;
    o->begun = true;
    o->file = o->job->output != NULL ? open_file(o) : stdout;
    if (o->file == NULL)
        return write_failed(o);
    if (o->job->include || o->job->head)
        write_head(o);
    return 0;
}

static int write_body(void *arg, const void *p, size_t n)
{
    struct output *o = arg;
    int rc = begin_output(o);

    if (rc < 0)
        return rc;
    return fwrite(p, 1, n, o->file) == n ? 0 : write_failed(o);
}

static int finish_file(struct output *o, bool good)
{
    char *real = good ? realpath(o->job->output, NULL) : NULL;
    const char *to = real != NULL ? real : o->job->output;
    int rc = 0;

    if (o->file != NULL && fclose(o->file) != 0 && good)
        rc = write_failed(o);
    if (o->temporary != NULL && good && rc == 0 &&
        rename(o->temporary, to) != 0)
        rc = write_failed(o);
    if (o->temporary != NULL && (!good || rc < 0))
        unlink(o->temporary);
    free(real);
    free(o->temporary);
    return rc;
}

static int finish_output(struct output *o, bool good)
{
    if (good && begin_output(o) < 0)
        good = false;
    if (o->job->output != NULL)
        return finish_file(o, good);
    return fflush(stdout) == 0 ? 0 : write_failed(o);
}

/* --- the job --- */

static int run(const struct job *job)
{
    struct http_reply reply = {0};
    struct output out = {.job = job, .reply = &reply};
    struct http_request q = {.url = job->url,
                             .method = job->head ? "HEAD" : "GET",
                             .options = &job->options,
                             .sink = write_body,
                             .sink_arg = &out};
    int rc = http_request(&q, &reply), code = 0;

    finish_output(&out, rc == 0);
    if (out.failed)
        code = EXIT_WRITE;
    else if (rc < 0)
        code = complain("httpget", &reply.error);
    http_reply_free(&reply);
    return code;
}

static int parse_seconds(const char *text, int64_t *ms)
{
    char *end;
    double s = strtod(text, &end);

    if (end == text || *end != '\0' || !(s > 0) || s > 1e9)
        return -1;
    *ms = s < 0.001 ? 1 : (int64_t)(s * 1000);
    return 0;
}

/* WORD: the last argument that was read to its end. Returns -1: go on; else
 * the exit code. */
static int take_option(struct job *job, int letter, const char *word)
{
    switch (letter) {
    case 'o':
        job->output = strcmp(optarg, "-") == 0 ? NULL : optarg;
        return -1;
    case 'i':
        job->include = true;
        return -1;
    case 'I':
        job->head = true;
        return -1;
    case 'k':
        job->options.tls.flags |= SC_TLS_NO_VERIFY;
        return -1;
    case 'C':
        job->options.tls.ca_file = optarg;
        return -1;
    case 'v':
        job->options.trace = show_line;
        return -1;
    case 'm':
        if (parse_seconds(optarg, &job->options.total_ms) == 0)
            return -1;
        return wrong_use("bad time: ", optarg);
    case 'h':
        usage();
        return printed();
    case 'V':
        printf("httpget %s\n%s\n", sc_version(), sc_features());
        return printed();
    case ':':
        return wrong_use("no value for ", word);
    default:
        return wrong_use("bad option ",
                         optopt != 0 ? (char[]){'-', (char)optopt, 0} : word);
    }
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"output", required_argument, NULL, 'o'},
        {"include", no_argument, NULL, 'i'},
        {"head", no_argument, NULL, 'I'},
        {"max-time", required_argument, NULL, 'm'},
        {"insecure", no_argument, NULL, 'k'},
        {"cacert", required_argument, NULL, 'C'},
        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0}};
    struct job job = {0};
    int letter, code;

    opterr = 0;
    while ((letter = getopt_long(argc, argv, ":o:iIm:kvhV", longs, NULL)) != -1)
        if ((code = take_option(&job, letter, argv[optind - 1])) >= 0)
            return code;
    if (optind == argc)
        return wrong_use("no URL", "");
    if (optind + 1 < argc)
        return wrong_use("more than one URL: ", argv[optind + 1]);
    job.url = argv[optind];
    return run(&job);
}
