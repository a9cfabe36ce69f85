#include "core/kind.h"

#include <string.h>

const struct kind *kind_find(const struct axis *axis, const char *name)
{
    for (size_t i = 0; i < axis->n_kinds; i++)
        if (!strcmp(axis->kinds[i]->name, name))
            return axis->kinds[i];
    return NULL;
}

const struct row *kind_find_row(const struct kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->n_rows; i++)
        if (!strcmp(kind->rows[i].name, name))
            return &kind->rows[i];
    return NULL;
}

enum { NAME_MAX_LENGTH = 63 };

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's distance, with two neighbours that changed places as a single
 * mistake (the "optimal string alignment"); some lines of the table at a time.
 */
static size_t edit_distance(const char *a, const char *b)
{
    size_t lines[3][NAME_MAX_LENGTH + 1];
    size_t n_a = strlen(a), n_b = strlen(b);
    if (n_a > NAME_MAX_LENGTH || n_b > NAME_MAX_LENGTH)
        return SIZE_MAX;
    for (size_t j = 0; j <= n_b; j++)
        lines[0][j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        size_t *line = lines[i % 3], *above = lines[(i - 1) % 3];
        const size_t *second = lines[(i + 1) % 3];
        line[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            line[j] = smallest(above[j] + 1, line[j - 1] + 1,
                               above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                line[j] = smallest(line[j], second[j - 2] + 1, line[j]);
        }
    }
    return lines[n_a % 3][n_b];
}

/* Keeps the nearer of two names; a name is near if at most a third of the
 * mistyped one's letters (and at least two) would have to change. */
struct nearest {
    const char *wanted, *best;
    size_t distance;
};

static struct nearest nearest_open(const char *wanted)
{
    size_t limit = strlen(wanted) / 3;
    return (struct nearest){wanted, NULL, (limit < 2 ? 2 : limit) + 1};
}

static void nearest_offer(struct nearest *nearest, const char *name)
{
    size_t distance = edit_distance(nearest->wanted, name);
    if (distance < nearest->distance) {
        nearest->best = name;
        nearest->distance = distance;
    }
}

const char *kind_nearest(const struct axis *axis, const char *name)
{
    struct nearest nearest = nearest_open(name);
    for (size_t i = 0; i < axis->n_kinds; i++)
        nearest_offer(&nearest, axis->kinds[i]->name);
    return nearest.best;
}

const char *kind_nearest_row(const struct kind *kind, const char *name)
{
    struct nearest nearest = nearest_open(name);
    for (size_t i = 0; i < kind->n_rows; i++)
        nearest_offer(&nearest, kind->rows[i].name);
    return nearest.best;
}

const char *kind_nearest_of(const char *const *names, size_t n_names,
                            const char *name)
{
    struct nearest nearest = nearest_open(name);
    for (size_t i = 0; i < n_names; i++)
        nearest_offer(&nearest, names[i]);
    return nearest.best;
}

void *kind_defaults(const struct kind *kind, struct arena *arena)
{
    void *params = arena_take(arena, kind->params_size + 1);
    for (size_t i = 0; i < kind->n_rows; i++) {
        const struct row *row = &kind->rows[i];
        MUST(row_set(row, row->fallback, params, arena) == STATUS_OK);
    }
    return params;
}
