#include "tests/bench_net.h"
#include "core/loss.h"
#include "core/optimizer.h"
#include "core/training.h"
#include "io/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIF                                                                    \
    "neuron = lif\nneuron.leak = 0.5\noptimizer = sgd\n"                       \
    "optimizer.learning_rate = 0.05\noptimizer.momentum = 0.9\n"               \
    "optimizer.weight_decay = 0\ntraining = bptt\n"
#define ATAN "surrogate = atan\nsurrogate.slope = 2\n"
/* All images to the last step, as the peer does it. */
#define PGD                                                                    \
    "attack = pgd\nattack.n_steps = 10\nattack.epsilons = [0.03]\n"           \
    "attack.keep_going = true\n"
#define CSNN                                                                   \
    "network = csnn\nnetwork.channels = [32, 64]\nnetwork.hidden = [128]\n"    \
    "network.n_steps = 4\ntraining.batch_size = 64\n"

/* After a few steps running averages still remember their beginning, and deep
 * nets would be silent in tests and attacks: the last batch's are taken. */
#define DEEP                                                                   \
    "normalization = tdbn\nnormalization.momentum = 1\n"                     \
    "optimizer.learning_rate = 0.01\n"

static const struct {
    const char *name;
    bool colour; /* 32 x 32 x 3 instead of 28 x 28 */
    const char *text;
} nets[] = {
    {"a", false,
     LIF ATAN "network = mlp\nnetwork.hidden = [800]\nnetwork.n_steps = 8\n"
              "training.batch_size = 128\n"},
    {"b", false,
     LIF ATAN CSNN PGD "attack.n_samples = 64\nattack.batch_size = 64\n"},
    {"sgr", false,
     LIF CSNN PGD "attack.n_samples = 64\nattack.batch_size = 64\n"
     "dataset.n_train = 6000\ndataset.n_test = 1000\ntraining.n_epochs = 3\n"
     "surrogate = triangular\nsurrogate.width = 1\n"
     "regularizer = mpd_sgr\nregularizer.weight = 0.4\n"},
    {"c", true,
     LIF ATAN DEEP PGD "attack.n_samples = 32\nattack.batch_size = 32\n"
     "network = vgg11\nnetwork.n_steps = 4\ntraining.batch_size = 32\n"},
    {"d", true,
     LIF ATAN DEEP PGD "attack.n_samples = 32\nattack.batch_size = 32\n"
     "network = wrn16\nnetwork.n_steps = 4\ntraining.batch_size = 32\n"},
};

void bench_must(enum status status)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "bench_engine: %s\n", status_reason());
    exit(EXIT_FAILURE);
}

static const char *images_text(bool colour, struct arena *arena)
{
    const char *folder = getenv("CIFAR10");
    if (!colour)
        return "dataset = fashion_mnist\n";
    if (folder && *folder)
        return arena_print(
            arena, "dataset = cifar10\ndataset.folder = \"%s\"\n", folder);
    return "dataset = synthetic\ndataset.height = 32\ndataset.width = 32\n"
           "dataset.n_channels = 3\ndataset.n_classes = 10\n";
}

const char *bench_net_text(const char *name, struct arena *arena)
{
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++)
        if (strcmp(name, nets[i].name) == 0)
            return arena_print(arena, "%s%s",
                               images_text(nets[i].colour, arena),
                               nets[i].text);
    return NULL;
}

static void gather_batches(struct bench_net *net)
{
    size_t n = net->n_images;
    for (size_t i = 0; i < BENCH_BATCHES; i++) {
        net->images[i] =
            ARENA_ARRAY(&net->arena, float, n * image_size(net->data.shape));
        net->labels[i] = ARENA_ARRAY(&net->arena, uint8_t, n);
        net->ids[i] = ARENA_ARRAY(&net->arena, uint32_t, n);
        for (size_t k = 0; k < n; k++)
            net->ids[i][k] = (uint32_t)((i * n + k) % net->data.train.n);
        data_gather(&net->data, &net->data.train, n, net->ids[i],
                    net->images[i], net->labels[i]);
    }
}

static struct trial_means means(void)
{
    const char *threads = getenv("THREADS");
    return (struct trial_means){
        .n_threads = threads ? strtoul(threads, NULL, 10) : 1,
        .recompute = getenv("RECOMPUTE") != NULL};
}

void bench_net_open(struct bench_net *net, const char *name, const char *more)
{
    *net = (struct bench_net){.arena = arena_open()};
    struct arena *arena = &net->arena;
    const char *text = bench_net_text(name, arena);
    if (!text)
        bench_must(status_refuse(STATUS_INVALID, "no net is called %s", name));
    bench_must(spec_parse(arena_print(arena, "%s%s", text, more), &net->spec,
                          arena));
    bench_must(dataset_open(&net->spec.at[SPEC_DATASET], arena, &net->data));
    bench_must(trial_check(&net->spec, &net->data));
    const struct training_bptt *training = net->spec.at[SPEC_TRAINING].params;
    net->n_images = training->batch_size;
    net->model = model_lay_out(&net->spec, &net->data, net->n_images,
                               MODEL_TRAIN, means(), arena);
    net->state = ARENA_ARRAY(arena, float, net->model->n_parameters);
    model_initialize(net->model, training->common.seed);
    gather_batches(net);
}

void bench_net_close(struct bench_net *net)
{
    arena_close(&net->arena);
}

/* training ------------------------------------------------------------ */

void bench_net_test(struct bench_net *net)
{
    struct model_batch batch = {net->n_images, net->images[0], net->ids[0],
                                1, RNG_ENCODE_TEST, 0};
    model_forward_test(net->model, &batch, NULL);
}

/* The same as a step of core/trial_train.c, without loading the images. */
static void take_step(struct bench_net *net, float *loss, uint8_t *predicted)
{
    const struct choice *optimizer = &net->spec.at[SPEC_OPTIMIZER];
    const struct optimizer *kind = optimizer_of(optimizer->kind);
    struct model *model = net->model;
    size_t at = net->i_step % BENCH_BATCHES, n = net->n_images;
    struct model_batch batch = {n, net->images[at], net->ids[at],
                                1, RNG_ENCODE_TRAIN, 0};
    model_forward_train(model, &batch);
    loss_cross_entropy(n, model->n_classes, model->logits, net->labels[at],
                       1.0f / (float)n, loss, predicted, model->d_logits);
    model_regularize(model,
                     model->regularizer->weight(
                         net->spec.at[SPEC_REGULARIZER].params, 1),
                     n);
    model_backward_train(model, &batch);
    kind->step(optimizer->params, kind->learning_rate(optimizer->params),
               net->i_step++, model->n_parameters, model->gradients,
               model->weights, net->state);
}

void bench_net_train(struct bench_net *net, size_t n_steps)
{
    struct arena scratch = arena_open();
    float *loss = ARENA_ARRAY(&scratch, float, net->n_images);
    uint8_t *predicted = ARENA_ARRAY(&scratch, uint8_t, net->n_images);
    for (size_t i = 0; i < n_steps; i++)
        take_step(net, loss, predicted);
    arena_close(&scratch);
}

static double no_clock(void *self)
{
    (void)self;
    return 0.0;
}

static void no_progress(void *self, size_t done, size_t total, double loss)
{
    (void)self, (void)done, (void)total, (void)loss;
}

static const struct trial_hooks no_hooks = {.now_s = no_clock,
                                            .progress = no_progress};

static double mean_of(const struct record *record, enum record_field field)
{
    size_t n = record_count(record, field);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += record_f64(record, field)[i];
    return sum / (double)n;
}

struct bench_trained bench_net_train_all(struct bench_net *net)
{
    struct arena arena = arena_open();
    struct spec spec = spec_without_attack(net->spec);
    struct weights weights;
    struct record record;
    trial_train(&spec, &net->data, &no_hooks, &arena, &weights, &record);
    memcpy(net->model->weights, weights.at, weights.n * sizeof *weights.at);
    struct bench_trained trained = {
        *record_f64(&record, FIELD_CLEAN_ACCURACY),
        mean_of(&record, FIELD_MEMBRANE_INSIDE)};
    arena_close(&arena);
    return trained;
}

double bench_net_attack(struct bench_net *net)
{
    struct arena arena = arena_open();
    struct weights weights = {net->model->n_values, net->model->weights};
    struct record record;
    bench_must(trial_evaluate(&net->spec, &net->data, &weights, &no_hooks,
                              &arena, &record));
    double accuracy = *record_f64(&record, FIELD_ROBUST_ACCURACY);
    arena_close(&arena);
    return accuracy;
}

/* figures ------------------------------------------------------------- */

double bench_net_flop(const struct bench_net *net)
{
    const struct model *model = net->model;
    size_t n_image = 3 * model->n_features * model->n_classes;
    for (size_t i = 0; i < model->n_layers; i++) {
        const struct layer *layer = &model->layers[i];
        size_t n_weights = layer->main.n_weights + layer->shortcut.n_weights;
        n_image += (i == 0 ? 2 : 3) * layer->n_pixels * n_weights;
    }
    return 2.0 * (double)(n_image * model->n_steps * net->n_images);
}

double bench_net_neuron_steps(const struct bench_net *net)
{
    const struct model *model = net->model;
    size_t n = 0;
    for (size_t i = 0; i < model->n_layers; i++)
        n += model->layers[i].n_pixels * model->layers[i].spiking.n_channels;
    return (double)(n * model->n_steps * net->n_images);
}

double bench_net_density(const struct bench_net *net, size_t i)
{
    const struct layer *layer = &net->model->layers[i];
    size_t n = net->n_images * net->model->n_steps * layer->n_out, n_other = 0;
    for (size_t k = 0; k < n; k++)
        n_other += layer->counts[k] != 0;
    return (double)n_other / (double)n;
}
