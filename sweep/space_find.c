/* The names of cells. */
#include "sweep/space.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NUMBER_DIGITS_MAX = 7, PREFIX_MIN = 4 };

/* "0", "12", but not "0012": that may begin a digest. */
static bool is_number(const char *name)
{
    size_t n = strlen(name);
    return n > 0 && n <= NUMBER_DIGITS_MAX && strspn(name, "0123456789") == n &&
           (n == 1 || name[0] != '0');
}

static bool begins(struct digest digest, const char *name)
{
    char text[DIGEST_TEXT_SIZE];
    return !strncasecmp(digest_print(digest, text), name, strlen(name));
}

static enum status find_digest(const struct cells *cells, const char *name,
                               size_t *index)
{
    size_t found = cells->n;
    for (size_t i = 0; i < cells->n; i++) {
        if (!begins(cells->at[i].digest, name))
            continue;
        if (found < cells->n)
            return status_refuse(STATUS_INVALID,
                                 "cell %s: the digests of cells %zu and %zu "
                                 "both begin so; give more digits",
                                 name, found, i);
        found = i;
    }
    if (found == cells->n)
        return status_refuse(STATUS_NOT_FOUND,
                             "cell %s: there is none; allowed is a number "
                             "below %zu or at least 4 digits of a digest",
                             name, cells->n);
    *index = found;
    return STATUS_OK;
}

enum status space_find(const struct cells *cells, const char *name,
                       size_t *index)
{
    if (is_number(name) && strtoul(name, NULL, 10) < cells->n) {
        *index = strtoul(name, NULL, 10);
        return STATUS_OK;
    }
    size_t n = strlen(name);
    if (n < PREFIX_MIN || n >= DIGEST_TEXT_SIZE ||
        strspn(name, "0123456789abcdefABCDEF") != n)
        return status_refuse(STATUS_INVALID,
                             "cell %s: allowed is a number below %zu or the "
                             "first digits (at least 4) of a cell's digest",
                             name, cells->n);
    return find_digest(cells, name, index);
}
