/* plan.c - the next URL: groups, the URLs in them, what their patterns stand
 * for; for each file that is sent, all the URLs. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/data.h"
#include "fetch/plan.h"
#include "fetch/program.h"
#include "fetch/url_text.h"

static struct glob *open_glob(const struct command *k, const char *text,
                              bool plain)
{
    const char *why = "";
    size_t where = 0;
    char *shown;
    struct glob *g = glob_open(text, plain, &why, &where);

    if (g != NULL || (k->silent && !k->show_error))
        return g;
    shown = url_shown(text);
    fprintf(stderr, "%s: %s at column %zu of %s\n", fetch_program.name, why,
            where, shown);
    free(shown);
    return NULL;
}

static void leave_target(struct plan *p)
{
    glob_free(p->urls);
    glob_free(p->uploads);
    p->urls = p->uploads = NULL;
    p->url = p->upload = 0;
    p->target++;
    p->seen++;
}

/* The next target that has a URL; NULL: there is none. */
static struct target *find_target(struct plan *p)
{
    for (; p->config != NULL; p->config = p->config->next, p->target = 0)
        for (; p->target < p->config->ntargets; p->target++)
            if (p->config->targets[p->target].url != NULL)
                return &p->config->targets[p->target];
    return NULL;
}

static int open_target(struct plan *p, const struct target *t)
{
    bool plain = p->config->glob_off;

    if ((p->urls = open_glob(p->command, t->url, plain)) == NULL)
        return -3;
    if (t->upload != NULL && !t->no_upload &&
        (p->uploads = open_glob(p->command, t->upload, plain)) == NULL)
        return -3;
    return 0;
}

static void make_job(struct plan *p, const struct target *t, struct job *j)
{
    struct config *c = p->config;
    char *url = glob_text(p->urls, p->url);

    *j = (struct job){.config = c, .number = p->seen};
    j->url = c->url_query.len > 0 || (c->get && c->has_data)
                 ? url_with_query(c, url)
                 : copy_text(url);
    free(url);
    if (p->uploads != NULL)
        j->upload = glob_text(p->uploads, p->upload);
    j->told = t->out_told;
    j->by_name = t->by_name || (c->remote_all && !t->out_told);
    if (t->output != NULL && strcmp(t->output, "-") != 0)
        j->output = glob_varies(p->urls) ? glob_fill(p->urls, p->url, t->output)
                                         : copy_text(t->output);
}

static void step(struct plan *p)
{
    if (++p->url < glob_count(p->urls))
        return;
    p->url = 0;
    if (p->uploads == NULL || ++p->upload == glob_count(p->uploads))
        leave_target(p);
}

int plan_next(struct plan *p, struct job *j)
{
    struct target *t;
    int rc;

    if (!p->begun)
        p->config = p->command->first;
    p->begun = true;
    if ((t = find_target(p)) == NULL)
        return 0;
    if (p->urls == NULL && (rc = open_target(p, t)) < 0)
        return rc;
    make_job(p, t, j);
    step(p);
    return 1;
}

void plan_free(struct plan *p)
{
    glob_free(p->urls);
    glob_free(p->uploads);
    p->urls = p->uploads = NULL;
}

void job_free(struct job *j)
{
    free(j->url);
    free(j->upload);
    free(j->output);
    *j = (struct job){NULL, NULL};
}
