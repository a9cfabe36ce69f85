#include "core/feedforward.h"
#include "io/dataset.h"
#include "io/vectors_file.h"
#include "io/weights_file.h"
#include "jobs/commands.h"
#include "jobs/model_find.h"

#include "core/kind.h"

#include <stdio.h>
#include <string.h>

#define DT_USUAL 1e-4

/* What --vectors has where no --attack is given. */
static const char *const usual_attacks[] = {
    "attack = fgsm", "attack = bim; attack.n_steps = 10",
    "attack = pgd; attack.n_steps = 10", "attack = mim; attack.n_steps = 10",
    "attack = pgd_l2; attack.n_steps = 10; attack.epsilons = [0.5]"};

static const char *nir_path, *weights_path, *vectors_path, *changes;
static struct option_list attacks;
static size_t n_samples = 8;
static double dt_s = DT_USUAL;
static struct nir_style style;

static const struct option_row options[] = {
    {"nir", 0, "FILE", "write it as NIR, the neuromorphic intermediate representation", OPTION_TEXT,
     &nir_path},
    {"weights", 0, "FILE", "write its tensors as plain HDF5, in PyTorch's order", OPTION_TEXT,
     &weights_path},
    {"vectors", 0, "FILE", "write what attacks do to it, with the network itself: for testing "
     "other programs", OPTION_TEXT, &vectors_path},
    {"samples", 0, "N", "test samples of --vectors (default 8)", OPTION_COUNT, &n_samples},
    {"attack", 0, "TEXT", "an attack of --vectors, as \"attack = pgd; attack.n_steps = 20; "
     "attack.epsilons = [0.1]\"; may be given several times (default: fgsm, bim, pgd, mim, "
     "pgd_l2)", OPTION_LIST, &attacks},
    {"set", 0, "CHANGES", "first change what the network is not made of, as \"dataset = idx; "
     "dataset.folder = \"data\"; surrogate = atan\"", OPTION_TEXT, &changes},
    {"dt", 0, "SECONDS", "the length of a time step that NIR's time constants are made by "
     "(default: 0.0001, which snnTorch and SpikingJelly go by)", OPTION_TIME, &dt_s},
    {"unit-r", 0, NULL, "NIR's LIF with r = 1, as Norse wants it: with scaled potentials",
     OPTION_FLAG, &style.unit_r},
    {"sum-pool", 0, NULL, "NIR's SumPool2d instead of AvgPool2d, likewise", OPTION_FLAG,
     &style.sum_pool},
};

static bool normalizes(const struct spec *spec, struct arena *arena)
{
    const struct choice *choice = &spec->at[SPEC_ENCODING];
    const struct row *row = kind_find_row(choice->kind, "normalize");
    return row && strcmp(row_print(row, choice->params, arena), "true") == 0;
}

static enum status take_plain(const struct named_model *model,
                              struct arena *arena, struct feedforward *net,
                              struct nir_notes *notes)
{
    if (!(dt_s > 0))
        return status_refuse(STATUS_INVALID,
                             "--dt %g: allowed is a time above 0", dt_s);
    *notes = (struct nir_notes){
        .style = style,
        .dt = dt_s,
        .spec = spec_print(&model->spec, false, arena)};
    if (normalizes(&model->spec, arena)) {
        notes->n_noted = model->data.shape.n_channels;
        notes->mean = model->data.mean;
        notes->deviation = model->data.deviation;
    }
    enum status status = feedforward_take(&model->spec, &model->data,
                                          &model->weights, arena, net);
    return status == STATUS_OK
               ? STATUS_OK
               : status_refuse(status, "%s: %s", model->path, status_reason());
}

/* The model's spec with such an attack on a batch of all samples. */
static enum status read_attack(const struct named_model *model,
                               const char *text, struct arena *arena,
                               struct spec *spec)
{
    const char *lines = arena_print(
        arena, "%s; attack.batch_size = %zu", text, n_samples);
    TRY(spec_parse(spec_print(&model->spec, true, arena), spec, arena));
    if (strncmp(text, "attack = ", 9) != 0)
        return status_refuse(STATUS_INVALID,
                             "--attack \"%s\": allowed is a text that begins "
                             "with \"attack = \"",
                             text);
    TRY(spec_change(spec, lines, arena));
    TRY(spec_parse(spec_print(spec, true, arena), spec, arena));
    const char *objection = spec_objection(spec, arena);
    return objection ? status_refuse(STATUS_INVALID, "%s: %s", text, objection)
                     : STATUS_OK;
}

static enum status check_data(const struct named_model *model,
                              const struct data_set *data)
{
    if (image_size(data->shape) == image_size(model->data.shape) &&
        data->n_classes == model->data.n_classes)
        return STATUS_OK;
    return status_refuse(STATUS_INVALID,
                         "%s: the network takes %zu numbers to %zu classes, "
                         "the data set %s has %zu and %zu; --set \"dataset = "
                         "...\" chooses another",
                         model->path, image_size(model->data.shape),
                         model->data.n_classes,
                         model->spec.at[SPEC_DATASET].kind->name,
                         image_size(data->shape), data->n_classes);
}

/* Images of the data set, normalized as the network was trained. */
static enum status open_data(const struct named_model *model,
                             struct arena *arena, struct data_set *data)
{
    TRY(dataset_open(&model->spec.at[SPEC_DATASET], arena, data));
    TRY(check_data(model, data));
    data->shape = model->data.shape;
    memcpy(data->mean, model->data.mean, sizeof data->mean);
    memcpy(data->deviation, model->data.deviation, sizeof data->deviation);
    return STATUS_OK;
}

static enum status export_vectors(const struct named_model *model,
                                  const struct feedforward *net,
                                  const struct nir_notes *notes,
                                  struct arena *arena)
{
    const char *const *texts = attacks.n ? attacks.at : usual_attacks;
    size_t n = attacks.n ? attacks.n : KIND_COUNT(usual_attacks);
    struct trial_means means = {NULL, 1, false};
    struct data_set data;
    struct spec specs[OPTION_LIST_MAX];
    struct reference references[OPTION_LIST_MAX];
    TRY(open_data(model, arena, &data));
    for (size_t i = 0; i < n; i++) {
        TRY(read_attack(model, texts[i], arena, &specs[i]));
        TRY(reference_make(&specs[i], &data, &model->weights, n_samples,
                           means, arena, &references[i]));
    }
    struct vectors vectors = {&model->spec, &data, &model->weights, net,
                              notes,        n,     specs,           references};
    return vectors_file_write(vectors_path, &vectors);
}

static enum status write_all(const struct named_model *model,
                             struct arena *arena)
{
    struct feedforward net;
    struct nir_notes notes;
    if (weights_path)
        TRY(weights_file_write(weights_path, &model->spec, &model->data,
                               &model->weights));
    if (!nir_path && !vectors_path)
        return STATUS_OK;
    TRY(take_plain(model, arena, &net, &notes));
    if (nir_path)
        TRY(nir_write(nir_path, &net, &notes));
    return vectors_path ? export_vectors(model, &net, &notes, arena)
                        : STATUS_OK;
}

static enum status run_in(char *const *arguments, struct arena *arena)
{
    struct named_model model;
    if (!nir_path && !weights_path && !vectors_path)
        return status_refuse(STATUS_INVALID,
                             "nothing is to be written; allowed are --nir "
                             "FILE, --weights FILE and --vectors FILE");
    TRY(model_find(arguments, arena, &model));
    if (changes)
        TRY(spec_change(&model.spec, changes, arena));
    return write_all(&model, arena);
}

static enum status run(char *const *arguments, int *exit_status)
{
    struct arena arena = arena_open();
    enum status status = run_in(arguments, &arena);
    arena_close(&arena);
    *exit_status = EXIT_DONE;
    return status;
}

const struct command command_export = {
    .name = "export",
    .arguments = "DIR CELL | MODEL",
    .doc = "write a trained network as other programs read it",
    .more = "CELL is a number as `spikesweep plan DIR/experiment.cfg` prints "
            "it, or the first digits of\nthe cell's digest; MODEL a file of "
            "DIR/models or of `spikesweep import`.\nA normalization by running "
            "statistics is put into the weights. docs/exchange.md says what\n"
            "can be written, and how others read it.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = 2,
    .run = run,
};
