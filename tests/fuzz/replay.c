/* replay.c - play every file of the directories named through a harness: the
 * corpus as a regression test, without libFuzzer. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { file_limit = 1 << 20 };

static int play_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    uint8_t *data = malloc(file_limit), *exact;
    size_t n;

    if (in == NULL || data == NULL) {
        perror(path);
        free(data);
        return -1;
    }
    n = fread(data, 1, file_limit, in);
    fclose(in);
    exact = malloc(n > 0 ? n : 1); /* so that ASan sees a read behind it */
    if (exact != NULL) {
        memcpy(exact, data, n);
        LLVMFuzzerTestOneInput(exact, n);
    }
    free(exact);
    free(data);
    return 0;
}

static int play_directory(const char *name)
{
    DIR *directory = opendir(name);
    struct dirent *entry;
    char path[512];
    int count = 0;

    if (directory == NULL) {
        perror(name);
        return -1;
    }
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", name, entry->d_name);
        if (play_file(path) < 0) {
            count = -1;
            break;
        }
        count++;
    }
    closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    int all = 0;

    for (int i = 1; i < argc; i++) {
        int count = play_directory(argv[i]);

        if (count < 0)
            return 1;
        all += count;
    }
    printf("%d inputs\n", all);
    return all > 0 ? 0 : 1; /* an empty corpus proves nothing */
}
