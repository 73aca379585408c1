/* media_type.h - what is likely in a file, by its name's end. */
#ifndef SC_CORE_MEDIA_TYPE_H
#define SC_CORE_MEDIA_TYPE_H

/* "image/png" for "a.png"; "application/octet-stream" for what is unknown. */
const char *sc_media_type(const char *name);
/* What follows the last slash. */
const char *sc_last_part(const char *path);

#endif
