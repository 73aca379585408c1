/* json.h - strings and heads as JSON. */
#ifndef CLIENTS_FETCH_JSON_H
#define CLIENTS_FETCH_JSON_H

#include <stdio.h>

#include <simpleclient/http.h>

/* A string; NULL is null. */
void json_text(FILE *to, const char *s);
/* {"name":["value",...],...}, names in lower case, as curl has it. */
void json_head(FILE *to, const struct http_reply *r);

#endif
