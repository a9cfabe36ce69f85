#include "core/feedforward.h"
#include "io/model_file.h"
#include "io/nir.h"
#include "io/state_file.h"
#include "jobs/commands.h"

#include "core/kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *output, *changes, *input_shape, *map_path;
static size_t n_steps, n_classes;
static double dt_s;

static const struct option_row options[] = {
    {"output", 'o', "MODEL", "the file to write", OPTION_TEXT, &output},
    {"steps", 0, "N", "time steps, where the file does not say it", OPTION_COUNT, &n_steps},
    {"dt", 0, "SECONDS", "the length of a time step (default: the file's, else 0.0001)",
     OPTION_TIME, &dt_s},
    {"input", 0, "CxHxW", "the image that an input of one dimension is a flattening of",
     OPTION_TEXT, &input_shape},
    {"set", 0, "CHANGES", "what no such file says, as \"encoding = poisson; surrogate = atan\"; "
     "default: the file's, else currents as they are", OPTION_TEXT, &changes},
    {"classes", 0, "K", "of a PyTorch state, whose network --set says: outputs of its read-out",
     OPTION_COUNT, &n_classes},
    {"map", 0, "MAP", "of a PyTorch state: a file of lines OURS = THEIRS, as block0.weight = "
     "conv1.weight", OPTION_TEXT, &map_path},
};

/* "3x32x32" */
static enum status read_shape(const char *text, struct image_shape *shape)
{
    size_t sides[3] = {0};
    char *end = NULL;
    const char *at = text;
    *shape = (struct image_shape){0, 0, 0};
    if (!text)
        return STATUS_OK;
    for (size_t i = 0; i < 3; i++) {
        sides[i] = strtoul(at, &end, 10);
        bool goes_on = i < 2 ? *end == 'x' : *end == '\0';
        if (end == at || sides[i] < 1 || sides[i] > 65536 || !goes_on)
            return status_refuse(STATUS_INVALID,
                                 "--input %s: allowed is CxHxW, channels, "
                                 "height and width, as 3x32x32",
                                 text);
        at = end + 1;
    }
    *shape = (struct image_shape){sides[1], sides[2], sides[0]};
    return STATUS_OK;
}

/* Of the cell that a file comes from, what its network does not tell. */
static enum status take_axes(const char *text, struct arena *arena,
                             struct spec *spec)
{
    static const enum spec_axis axes[] = {SPEC_DATASET, SPEC_ENCODING,
                                          SPEC_SURROGATE};
    struct spec from;
    *spec = spec_defaults(arena);
    if (!text)
        return spec_change(spec, "encoding.normalize = false", arena);
    TRY(spec_parse(text, &from, arena));
    for (size_t i = 0; i < KIND_COUNT(axes); i++)
        spec->at[axes[i]] = from.at[axes[i]];
    return STATUS_OK;
}

static struct data_set take_data(const struct feedforward *net,
                                 const struct nir_notes *notes)
{
    struct data_set data = {.shape = net->shape, .n_classes = net->n_classes};
    for (size_t c = 0; c < net->shape.n_channels; c++) {
        bool noted = notes->n_noted == net->shape.n_channels;
        data.mean[c] = noted ? notes->mean[c] : 0.0f;
        data.deviation[c] = noted ? notes->deviation[c] : 1.0f;
    }
    return data;
}

static enum status finish_spec(const char *path, struct arena *arena,
                               struct spec *spec)
{
    if (changes)
        TRY(spec_change(spec, changes, arena));
    const char *objection = spec_objection(spec, arena);
    return objection ? status_refuse(STATUS_INVALID, "%s: %s", path, objection)
                     : STATUS_OK;
}

static void tell(const struct spec *spec, const struct data_set *data,
                 const struct weights *weights, struct arena *arena)
{
    char digest[DIGEST_TEXT_SIZE];
    const struct choice *network = &spec->at[SPEC_NETWORK];
    const struct row *layers = kind_find_row(network->kind, "layers");
    const char *name = layers ? row_print(layers, network->params, arena)
                              : network->kind->name;
    printf("%s: %zux%zux%zu to %zu classes, network %s, neuron %s, %zu "
           "numbers, digest %s\n",
           output, data->shape.n_channels, data->shape.height,
           data->shape.width, data->n_classes, name,
           spec->at[SPEC_NEURON].kind->name, weights->n,
           digest_print(digest_of(weights->at, weights->n * sizeof(float)),
                        digest));
}

static enum status import_nir(const char *path, struct arena *arena)
{
    struct nir_choices choices = {.dt = dt_s, .n_steps = n_steps};
    struct feedforward net;
    struct nir_notes notes;
    struct spec spec;
    struct weights weights;
    TRY(read_shape(input_shape, &choices.shape));
    TRY(nir_read(path, &choices, arena, &net, &notes));
    TRY(take_axes(notes.spec, arena, &spec));
    TRY(feedforward_make(&net, arena, &spec, &weights));
    TRY(finish_spec(path, arena, &spec));
    struct data_set data = take_data(&net, &notes);
    TRY(model_file_write(output, &spec, &data, &weights));
    tell(&spec, &data, &weights, arena);
    return STATUS_OK;
}

/* Of images that are as they are, unless --set says otherwise. */
static enum status import_state(const char *path, struct arena *arena)
{
    struct image_shape shape;
    struct spec spec;
    struct weights weights;
    const char *unused = "";
    TRY(read_shape(input_shape, &shape));
    if (!input_shape || n_classes < 2 || n_classes > 256 || !changes)
        return status_refuse(STATUS_INVALID,
                             "%s: tensors alone are no network: --set "
                             "\"network = ...; neuron = ...\", --input CxHxW "
                             "and --classes K (2 to 256) say which it is",
                             path);
    TRY(take_axes(NULL, arena, &spec));
    TRY(finish_spec(path, arena, &spec));
    struct feedforward net = {.shape = shape, .n_classes = n_classes};
    struct nir_notes notes = {.dt = 0};
    struct data_set data = take_data(&net, &notes);
    TRY(trial_check_shape(&spec, &data));
    TRY(state_file_read(path, map_path, &spec, &data, arena, &weights,
                        &unused));
    TRY(model_file_write(output, &spec, &data, &weights));
    tell(&spec, &data, &weights, arena);
    if (*unused)
        printf("not used: %s\n", unused);
    return STATUS_OK;
}

/* A graph has a group of that name. */
static enum status import(const char *path, struct arena *arena)
{
    bool is_graph = false;
    TRY(nir_is_graph(path, &is_graph));
    return is_graph ? import_nir(path, arena) : import_state(path, arena);
}

static enum status run(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    if (!output)
        return status_refuse(STATUS_INVALID,
                             "-o MODEL is missing: the file to write");
    struct arena arena = arena_open();
    enum status status = import(arguments[0], &arena);
    arena_close(&arena);
    return status;
}

const struct command command_import = {
    .name = "import",
    .arguments = "FILE",
    .doc = "read a network that other programs wrote: NIR, or a PyTorch state "
           "as HDF5",
    .more = "FILE is a NIR graph, a chain of Input, Flatten, Conv2d, Affine, "
            "Linear, LIF, IF,\nCubaLIF, AvgPool2d, SumPool2d and Output; or has a "
            "dataset for each tensor of a PyTorch state, or of export\n"
            "--weights. Then --set says which network it is, with --input and "
            "--classes.\ndocs/exchange.md says what each may be.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .run = run,
};
