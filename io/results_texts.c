/* Texts of trials that are read when somebody asks for them. */
#include "io/results_read.h"

/* A file's own trials. */
static enum status read_own(const struct results *results, const char *name,
                            struct arena *arena, const char *const **texts)
{
    struct results_file file = {results->path, results->file, arena};
    struct results_variable variable = {
        .name = name, .rank = 1, .extent = {results->n_trials}};
    if (H5Lexists(file.id, name, H5P_DEFAULT) > 0)
        return results_read_texts(&file, &variable, texts);
    const char **none =
        ARENA_ARRAY(arena, const char *, results->n_trials + 1);
    for (size_t i = 0; i < results->n_trials; i++)
        none[i] = "";
    *texts = none;
    return STATUS_OK;
}

enum status results_texts(const struct results *results, const char *name,
                          struct arena *arena, const char *const **texts)
{
    if (results->n_sources == 0)
        return read_own(results, name, arena, texts);
    const char **all =
        ARENA_ARRAY(arena, const char *, results->n_trials + 1);
    for (size_t s = 0; s < results->n_sources; s++) {
        const char *const *own = NULL;
        TRY(results_texts(&results->sources[s], name, arena, &own));
        for (size_t i = 0; i < results->n_trials; i++)
            if (results->trials[i].source == s)
                all[i] = own[results->trials[i].row];
    }
    *texts = all;
    return STATUS_OK;
}
