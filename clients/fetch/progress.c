/* progress.c - how far a transfer is; a line redrawn in its place. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <simpleclient/task.h>

#include "fetch/progress.h"

enum { EVERY_MS = 200, SPEED_MS = 2000 };

bool progress_wanted(const struct command *k, bool to_stdout)
{
    if (k->silent || k->no_meter || k->parallel || k->verbose ||
        k->trace != NULL || !isatty(STDERR_FILENO))
        return false;
    return !(to_stdout && isatty(STDOUT_FILENO));
}

void progress_begin(struct progress *p, bool on, bool bar)
{
    *p = (struct progress){.on = on, .bar = bar};
    p->to_get = p->to_send = UINT64_MAX;
    if (on)
        p->start = p->speed_at = sc_now();
}

/* Five columns: 99999, 9999k, 99.9M ... */
static const char *size_text(char *to, size_t size, uint64_t n)
{
    static const char units[] = "kMGTP";
    int unit = -1;
    double value = (double)n;

    if (n < 100000) {
        snprintf(to, size, "%5" PRIu64, n);
        return to;
    }
    while (value >= 10000 || unit < 0) {
        value /= 1024;
        unit++;
    }
    snprintf(to, size, "%4.0f%c", value, units[unit]);
    if (value < 100 && unit > 0)
        snprintf(to, size, "%4.1f%c", value, units[unit]);
    return to;
}

static const char *time_text(char *to, size_t size, int64_t s)
{
    if (s < 0 || s >= 100 * 3600)
        snprintf(to, size, "--:--:--");
    else
        snprintf(to, size, "%2d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60),
                 (int)(s % 60));
    return to;
}

static int percent(uint64_t part, uint64_t whole)
{
    return whole > 0 && whole != UINT64_MAX ? (int)(part * 100 / whole) : 0;
}

static void draw_meter(struct progress *p, int64_t now)
{
    int64_t ms = now - p->start > 0 ? now - p->start : 1, left = -1, all = -1;
    bool up = p->to_send != UINT64_MAX || p->sent > 0;
    uint64_t total = p->to_get != UINT64_MAX ? p->to_get : p->got;
    uint64_t rate = p->got * 1000 / (uint64_t)ms;
    uint64_t up_rate = p->sent * 1000 / (uint64_t)ms;
    char a[16], b[16], c[16], d[16], e[16], f[16], g[16], h[16], i[16];

    if (up && p->to_send != UINT64_MAX)
        total += p->to_send;
    if (rate + up_rate > 0 && total > 0) {
        all = (int64_t)(total / (rate + up_rate));
        left = all - ms / 1000 > 0 ? all - ms / 1000 : 0;
    }
    fprintf(stderr, "\r%3d %s  %3d %s  %3d %s  %s  %s %s %s %s %s",
            percent(p->got + p->sent, total), size_text(a, sizeof a, total),
            percent(p->got, p->to_get), size_text(b, sizeof b, p->got),
            percent(p->sent, p->to_send), size_text(c, sizeof c, p->sent),
            size_text(d, sizeof d, rate), size_text(e, sizeof e, up_rate),
            time_text(f, sizeof f, all), time_text(g, sizeof g, ms / 1000),
            time_text(h, sizeof h, left), size_text(i, sizeof i, p->speed));
}

static int columns(void)
{
    const char *told = getenv("COLUMNS");
    struct winsize w;
    int n = told != NULL ? (int)strtol(told, NULL, 10) : 0;

    if (n <= 20 && ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0)
        n = w.ws_col;
    return n > 20 && n <= 400 ? n : 79;
}

static void draw_bar(struct progress *p)
{
    uint64_t whole = p->to_get != UINT64_MAX ? p->to_get : p->to_send;
    uint64_t part = p->to_get != UINT64_MAX ? p->got : p->sent;
    int width = columns() - 8, filled, tenths;

    if (whole == UINT64_MAX || whole == 0) {
        fprintf(stderr, "\r-=O=- %" PRIu64, p->got + p->sent);
        return;
    }
    tenths = (int)(part * 1000 / whole);
    filled = width * tenths / 1000;
    fputc('\r', stderr);
    for (int i = 0; i < width; i++)
        fputc(i < filled ? '#' : ' ', stderr);
    fprintf(stderr, " %3d.%d%%", tenths / 10, tenths % 10);
}

static void draw(struct progress *p, int64_t now)
{
    if (!p->begun && !p->bar)
        fputs("  % Total    % Received % Xferd  Average Speed   Time    Time  "
              "   Time  Current\n"
              "                                 Dload  Upload   Total   Spent "
              "   Left  Speed\n",
              stderr);
    p->begun = true;
    p->drawn = now;
    if (p->bar)
        draw_bar(p);
    else
        draw_meter(p, now);
}

void progress_step(struct progress *p, uint64_t got, uint64_t sent)
{
    int64_t now;

    p->got = got;
    p->sent = sent;
    if (!p->on || (now = sc_now()) - p->drawn < EVERY_MS)
        return;
    if (now - p->speed_at >= SPEED_MS || p->speed_got == 0) {
        if (now > p->speed_at)
            p->speed = (got + sent - p->speed_got) * 1000 /
                       (uint64_t)(now - p->speed_at);
        p->speed_at = now;
        p->speed_got = got + sent;
    }
    draw(p, now);
}

void progress_end(struct progress *p)
{
    if (!p->on)
        return;
    draw(p, sc_now());
    fputc('\n', stderr);
    p->on = false;
}
