#include "tests/oracle_scene.h"
#include "core/loss.h"
#include "tests/small_net.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

const struct oracle_example oracle_examples[ORACLE_N_EXAMPLES] = {
    {"mlp", {5, 4, 1},
     "network = mlp\nnetwork.n_steps = 4\nnetwork.hidden = [20, 12]\n"
     "normalization = none\nneuron = lif\nneuron.leak = 0.5\n"
     "surrogate = triangular\nregularizer = mpd_sgr\n"
     "regularizer.weight = 0.5\n"},
    {"mlp_batch", {5, 4, 1},
     "network = mlp\nnetwork.n_steps = 4\nnetwork.hidden = [20, 12]\n"
     "network.normalize_linear = true\nnormalization = batch\nneuron = lif\n"
     "neuron.leak = 0.5\nsurrogate = atan\nregularizer = mpd_sgr\n"
     "regularizer.weight = 0.5\nregularizer.range = 0.8\n"},
    {"csnn_hard", {9, 7, 2},
     "network = csnn\nnetwork.n_steps = 4\nnetwork.channels = [4, 6]\n"
     "network.hidden = [8]\nnormalization = tdbn\nneuron = lif\n"
     "neuron.leak = 0.5\nsurrogate = triangular\nregularizer = mpd_sgr\n"
     "regularizer.weight = 0.5\n"},
    {"csnn_soft", {9, 7, 2},
     "network = csnn\nnetwork.n_steps = 5\nnetwork.channels = [4, 6]\n"
     "network.hidden = [8]\nnormalization = tdbn\nnormalization.alpha = 1.3\n"
     "neuron = lif\nneuron.leak = 0.75\nneuron.threshold = 0.6\n"
     "neuron.reset = soft\nsurrogate = sigmoid\nregularizer = mpd_sgr\n"
     "regularizer.weight = 0.25\nregularizer.range = 0.5\n"},
    {"csnn_detached", {9, 7, 2},
     "network = csnn\nnetwork.n_steps = 4\nnetwork.channels = [4, 6]\n"
     "network.hidden = [8]\nnetwork.pool = max\nnormalization = tdbn\n"
     "neuron = if\nneuron.detach_reset = true\nsurrogate = rectangular\n"
     "regularizer = mpd_sgr\nregularizer.weight = 0.25\n"},
    {"wrn16", {5, 4, 2},
     "network = wrn16\nnetwork.n_steps = 3\nnetwork.width = 2\n"
     "network.widening = 2\nnormalization = tdbn\nnormalization.alpha = 1.2\n"
     "neuron = lif\nneuron.leak = 0.5\nsurrogate = atan\n"
     "regularizer = mpd_sgr\nregularizer.weight = 0.25\n"
     "regularizer.range = 0.7\n"},
    {"wrn16_pre", {4, 5, 2},
     "network = wrn16\nnetwork.n_steps = 3\nnetwork.width = 3\n"
     "network.widening = 1\nnetwork.order = pre\nnormalization = tdbn\n"
     "normalization.alpha = 1.2\nneuron = lif\nneuron.leak = 0.5\n"
     "surrogate = triangular\nregularizer = mpd_sgr\n"
     "regularizer.weight = 0.25\n"},
    {"wrn16_sew_add", {5, 4, 2},
     "network = wrn16\nnetwork.n_steps = 3\nnetwork.width = 3\n"
     "network.widening = 1\nnetwork.shortcut = sew_add\n"
     "normalization = tdbn\nnormalization.alpha = 1.2\nneuron = lif\n"
     "neuron.leak = 0.5\nsurrogate = atan\nregularizer = mpd_sgr\n"
     "regularizer.weight = 0.25\nregularizer.range = 0.7\n"},
    {"wrn16_sew_iand", {4, 5, 2},
     "network = wrn16\nnetwork.n_steps = 2\nnetwork.width = 2\n"
     "network.widening = 2\nnetwork.shortcut = sew_iand\n"
     "normalization = batch\nneuron = lif\nneuron.leak = 0.5\n"
     "neuron.threshold = 0.7\nneuron.reset = soft\nsurrogate = atan\n"
     "regularizer = mpd_sgr\nregularizer.weight = 0.25\n"
     "regularizer.range = 0.7\n"},
    {"wrn16_membrane", {5, 4, 2},
     "network = wrn16\nnetwork.n_steps = 3\nnetwork.width = 2\n"
     "network.widening = 2\nnetwork.shortcut = membrane\n"
     "normalization = tdbn\nnormalization.alpha = 1.2\nneuron = lif\n"
     "neuron.leak = 0.5\nsurrogate = atan\nregularizer = mpd_sgr\n"
     "regularizer.weight = 0.25\nregularizer.range = 0.7\n"},
    {"csnn_bntt", {9, 7, 2},
     "network = csnn\nnetwork.n_steps = 4\nnetwork.channels = [4, 6]\n"
     "network.hidden = [8]\nnormalization = bntt\n"
     "normalization.epsilon = 1e-05\nneuron = lif\nneuron.leak = 0.5\n"
     "surrogate = atan\nregularizer = mpd_sgr\nregularizer.weight = 0.5\n"
     "regularizer.range = 1\n"},
    {"csnn_attention", {5, 4, 2},
     "network = csnn\nnetwork.n_steps = 3\nnetwork.channels = [4]\n"
     "network.hidden = [5]\nnormalization = tdbn\nnormalization.alpha = 1.3\n"
     "attention = temporal_channel\nattention.reduction = 2\nneuron = lif\n"
     "neuron.leak = 0.5\nneuron.threshold = 0.6\nneuron.reset = soft\n"
     "surrogate = atan\nregularizer = mpd_sgr\nregularizer.weight = 0.25\n"
     "regularizer.range = 0.5\n"},
};

static double worst_gradient;

double oracle_worst_gradient(void)
{
    return worst_gradient;
}

const struct oracle_example *oracle_find(const char *name)
{
    for (size_t i = 0; i < ORACLE_N_EXAMPLES; i++)
        if (!strcmp(oracle_examples[i].name, name))
            return &oracle_examples[i];
    fail_msg("the file has an unknown example %s", name);
    return NULL;
}

/* the formulas of torch_step.py --------------------------------------- */

static void make(struct oracle_step *step, size_t n, double base,
                 double amplitude, float *out)
{
    size_t tensor = step->n_made++;
    for (size_t j = 0; j < n; j++) {
        double wave = 43758.5453 * sin(12.9898 * ((double)j + 1) +
                                       78.233 * ((double)tensor + 1) +
                                       step->phase);
        out[j] = (float)(base + amplitude * (2 * (wave - floor(wave)) - 1));
    }
}

static const struct tensor_place *
find_place(const struct oracle_step *step, const char *name)
{
    for (size_t i = 0; i < step->n_places; i++)
        if (!strcmp(step->places[i].name, name))
            return &step->places[i];
    return NULL;
}

static size_t count_entries(const struct tensor_place *place)
{
    size_t n = 1;
    for (size_t i = 0; i < place->rank; i++)
        n *= place->extent[i];
    return n;
}

/* Does nothing if the network has no such tensor. */
static void make_tensor(struct oracle_step *step, const char *owner,
                        const char *what, double base, double amplitude)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", owner, what);
    const struct tensor_place *place = find_place(step, name);
    if (!place)
        return;
    size_t n = count_entries(place);
    if (amplitude > 1) /* of weights */
        amplitude /=
            sqrt((double)(n / place->extent[place->rank - 1]));
    make(step, n, base, amplitude, step->model->weights + place->offset);
}

static void make_branch(struct oracle_step *step, const char *name, size_t i)
{
    char owner[32];
    snprintf(owner, sizeof owner, "%s%zu", name, i);
    make_tensor(step, owner, "weight", 0, 3);
    make_tensor(step, owner, "scale", 1, 0.3);
    make_tensor(step, owner, "shift", 0, 0.3);
    make_tensor(step, owner, "running_mean", 0, 0.2);
    make_tensor(step, owner, "running_variance", 1, 0.3);
}

static void make_attention(struct oracle_step *step, size_t i)
{
    char owner[32];
    snprintf(owner, sizeof owner, "attention%zu", i);
    make_tensor(step, owner, "squeeze", 0, 3);
    make_tensor(step, owner, "excite", 0, 3);
}

static void make_weights(struct oracle_step *step)
{
    for (size_t i = 0; i < step->model->n_layers; i++) {
        make_branch(step, "block", i);
        make_branch(step, "shortcut", i);
        make_attention(step, i);
    }
    make_tensor(step, "readout", "weight", 0, 3);
    make_tensor(step, "readout", "bias", 0, 0.3);
    make(step, ORACLE_N_IMAGES * image_size(step->data.shape), 0.5, 0.5,
         step->images);
}

/* one step ------------------------------------------------------------ */

void oracle_open(struct oracle_step *step, const struct oracle_example *example,
                 const char *more, enum model_purpose purpose, double phase)
{
    *step = (struct oracle_step){.arena = arena_open(), .phase = phase};
    struct arena *arena = &step->arena;
    step->spec = small_spec(
        arena_print(arena, "%s%s", example->text, more), arena);
    step->data = (struct data_set){.shape = example->shape,
                                   .n_classes = ORACLE_N_CLASSES};
    for (size_t c = 0; c < example->shape.n_channels; c++) {
        step->data.mean[c] = 0.4f;
        step->data.deviation[c] = 0.3f;
    }
    step->model = model_lay_out(&step->spec, &step->data, ORACLE_N_IMAGES,
                                purpose, (struct trial_means){0}, arena);
    step->n_places = trial_places(&step->spec, &step->data, step->places);
    size_t n = ORACLE_N_IMAGES * image_size(example->shape);
    step->images = ARENA_ARRAY(arena, float, n);
    step->d_images = ARENA_ARRAY(arena, float, n);
    for (size_t i = 0; i < ORACLE_N_IMAGES; i++)
        step->labels[i] = (uint8_t)(i % ORACLE_N_CLASSES);
    make_weights(step);
}

double oracle_take_loss(struct oracle_step *step, float scale)
{
    float loss[ORACLE_N_IMAGES];
    double sum = 0;
    loss_cross_entropy(ORACLE_N_IMAGES, ORACLE_N_CLASSES, step->model->logits,
                       step->labels, scale, loss, step->predicted,
                       step->model->d_logits);
    for (size_t i = 0; i < ORACLE_N_IMAGES; i++)
        sum += (double)loss[i] / ORACLE_N_IMAGES;
    return sum;
}

/* the file ------------------------------------------------------------ */

/* A gradient, or running statistics after the step. */
static const float *find_tensor(const struct oracle_step *step,
                                const char *name, size_t *n)
{
    *n = ORACLE_N_IMAGES * image_size(step->data.shape);
    if (!strcmp(name, "images"))
        return step->d_images;
    const struct tensor_place *place = find_place(step, name);
    assert_non_null(place);
    *n = count_entries(place);
    return place->offset < step->model->n_parameters
               ? step->model->gradients + place->offset
               : step->model->weights + place->offset;
}

static void expect_entry(const char *name, double found, double expected,
                         double largest)
{
    double error = fabs(found - expected) / largest;
    worst_gradient = fmax(worst_gradient, error);
    if (!(error < 1e-4))
        fail_msg("%s: %.9g instead of %.9g, largest %g", name, found,
                 expected, largest);
}

void oracle_check_tensor(const struct oracle_step *step, FILE *file)
{
    char name[64];
    size_t n, n_file, i;
    double sum, norm, entry, largest = 0, own_sum = 0, squares = 0;
    assert_int_equal(fscanf(file, "%63s %zu %lf %lf", name, &n_file, &sum,
                            &norm),
                     4);
    const float *at = find_tensor(step, name, &n);
    assert_int_equal(n, n_file);
    for (size_t k = 0; k < n; k++) {
        own_sum += (double)at[k];
        squares += (double)at[k] * (double)at[k];
        largest = fmax(largest, fabs((double)at[k]));
    }
    expect_entry(name, sqrt(squares), norm, norm);
    expect_entry(name, own_sum, sum, largest * sqrt((double)n));
    size_t n_read = 0;
    for (; fscanf(file, "%zu %lf", &i, &entry) == 2; n_read++) {
        assert_true(i < n);
        expect_entry(name, (double)at[i], entry, largest);
    }
    assert_true(n_read >= (n < 24 ? n : 24));
}

