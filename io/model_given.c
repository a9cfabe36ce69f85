#include "io/model_given.h"
#include "core/kind.h"
#include "core/training.h"
#include "io/model_file.h"

#include <math.h>
#include <string.h>

/* A model, and the spec and data that it is to be used with. */
struct use {
    const char *path;
    const struct spec *spec, *own; /* the cell's; the file's */
    const struct data_set *data, *of;
};

static enum status check_digest(const struct training_given *given,
                                const struct weights *weights)
{
    char found[DIGEST_TEXT_SIZE];
    digest_print(digest_of(weights->at, weights->n * sizeof(float)), found);
    return strcmp(found, given->digest) == 0
               ? STATUS_OK
               : status_refuse(STATUS_INVALID,
                               "training given: %s has weights of digest %s, "
                               "allowed are those of %s, as the experiment "
                               "says",
                               given->file, found, given->digest);
}

static bool same_place(const struct tensor_place *a,
                       const struct tensor_place *b)
{
    return strcmp(a->name, b->name) == 0 && a->rank == b->rank &&
           memcmp(a->extent, b->extent, sizeof a->extent) == 0;
}

static enum status check_tensors(const struct use *use, struct arena *arena)
{
    struct tensor_place *wanted =
        ARENA_ARRAY(arena, struct tensor_place, TRIAL_TENSORS_MAX);
    struct tensor_place *there =
        ARENA_ARRAY(arena, struct tensor_place, TRIAL_TENSORS_MAX);
    size_t n = trial_places(use->spec, use->data, wanted);
    size_t n_there = trial_places(use->own, use->of, there);
    for (size_t i = 0; i < n || i < n_there; i++)
        if (i >= n || i >= n_there || !same_place(&wanted[i], &there[i]))
            return status_refuse(
                STATUS_INVALID,
                "training given: %s does not fit this network and data: the "
                "file's tensor %s, the network's %s",
                use->path,
                i < n_there ? there[i].name : "that is missing",
                i < n ? wanted[i].name : "that is missing");
    return STATUS_OK;
}

static bool normalizes(const struct spec *spec, struct arena *arena)
{
    const struct choice *choice = &spec->at[SPEC_ENCODING];
    const struct row *row = kind_find_row(choice->kind, "normalize");
    return row && strcmp(row_print(row, choice->params, arena), "true") == 0;
}

static enum status check_means(const struct use *use, struct arena *arena)
{
    static const double nearly = 1e-4;
    if (!normalizes(use->spec, arena))
        return STATUS_OK;
    for (size_t c = 0; c < use->data->shape.n_channels; c++) {
        double mean = (double)use->data->mean[c];
        double deviation = (double)use->data->deviation[c];
        if (fabs(mean - (double)use->of->mean[c]) > nearly ||
            fabs(deviation - (double)use->of->deviation[c]) > nearly)
            return status_refuse(
                STATUS_INVALID,
                "training given: %s is for images of mean %g and deviation "
                "%g, this data set has %g and %g; allowed are the data that "
                "it was trained on, or encoding.normalize = false",
                use->path, (double)use->of->mean[c],
                (double)use->of->deviation[c], mean, deviation);
    }
    return STATUS_OK;
}

static enum status read_own(const struct training_given *given,
                            const struct spec *spec,
                            const struct data_set *data, struct arena *own,
                            struct weights *weights)
{
    struct spec file_spec;
    struct data_set of;
    enum status status =
        model_file_load(given->file, own, &file_spec, &of, weights);
    if (status != STATUS_OK)
        return status_refuse(status, "training given: %s", status_reason());
    struct use use = {given->file, spec, &file_spec, data, &of};
    TRY(check_digest(given, weights));
    TRY(check_tensors(&use, own));
    return check_means(&use, own);
}

enum status model_given_read(const struct spec *spec,
                             const struct data_set *data,
                             struct arena *arena, struct weights *weights)
{
    struct weights read;
    *weights = (struct weights){0, NULL};
    if (spec->at[SPEC_TRAINING].kind != training_kind_given)
        return STATUS_OK;
    struct arena own = arena_open();
    enum status status = read_own(spec->at[SPEC_TRAINING].params, spec, data,
                                  &own, &read);
    if (status == STATUS_OK) {
        float *at = ARENA_ARRAY(arena, float, read.n);
        memcpy(at, read.at, read.n * sizeof *at);
        *weights = (struct weights){read.n, at};
    }
    arena_close(&own);
    return status;
}
