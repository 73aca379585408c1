/* media_type.c - the few types that people attach most (IANA's names). */
#include "core/media_type.h"

#include <stddef.h>
#include <string.h>

#include "core/text.h"

static const char *const types[][2] = {
    {".gif", "image/gif"},       {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},     {".png", "image/png"},
    {".svg", "image/svg+xml"},   {".txt", "text/plain"},
    {".htm", "text/html"},       {".html", "text/html"},
    {".pdf", "application/pdf"}, {".xml", "application/xml"},
};

const char *sc_media_type(const char *name)
{
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot != NULL && i < sizeof types / sizeof types[0]; i++)
        if (sc_casecmp(dot, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}

const char *sc_last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}
