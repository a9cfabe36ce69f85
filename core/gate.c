#include "core/gate.h"
#include "core/network.h"
#include "core/spec.h"
#include "core/training.h"

/* none ---------------------------------------------------------------- */

static const struct gate none = {
    .kind = {.name = "none", .doc = "every spike goes through",
             .cite = "standard", .later = true},
};

/* dropout ------------------------------------------------------------- */

struct dropout {
    double rate;
    bool each_step, only_linear;
};

static void dropout_describe(const void *params, struct gate_law *law)
{
    const struct dropout *dropout = params;
    *law = (struct gate_law){.keep = 1.0 - dropout->rate,
                             .scaled = true,
                             .each_step = dropout->each_step,
                             .only_linear = dropout->only_linear};
}

static const char *needs_gradients(const struct spec *spec)
{
    return spec->at[SPEC_TRAINING].kind == training_kind_dummy
               ? "training dummy has no spikes"
               : NULL;
}

/* What comes through counts for more than other spikes. */
static const char *dropout_applies(const struct spec *spec)
{
    struct block blocks[NETWORK_BLOCKS_MAX] = {{0}};
    const struct choice *choice = &spec->at[SPEC_NETWORK];
    size_t n = network_of(choice->kind)->describe(choice->params, blocks);
    for (size_t i = 0; i < n; i++)
        if (blocks[i].shortcut != SHORTCUT_NONE &&
            network_joins_spikes(blocks[i].join))
            return "a shortcut that joins spikes needs them unscaled";
    return needs_gradients(spec);
}

static const struct row dropout_rows[] = {
    {.name = "rate", .unit = "1", .doc = "the share of neurons whose spikes are dropped",
     .type = ROW_REAL, .fallback = "0.5", .minimum = 0, .maximum = 0.99,
     .offset = offsetof(struct dropout, rate)},
    {.name = "each_step", .unit = "1",
     .doc = "draw anew at every step; false: a sample's neuron is dropped at all steps or at none",
     .type = ROW_FLAG, .fallback = "false",
     .offset = offsetof(struct dropout, each_step)},
    {.name = "only_linear", .unit = "1",
     .doc = "only spikes that go to a linear layer or to the read-out are dropped",
     .type = ROW_FLAG, .fallback = "false",
     .offset = offsetof(struct dropout, only_linear)},
};

static const struct gate dropout = {
    .kind = {.name = "dropout",
             .doc = "in training, spikes of random neurons are dropped, those "
                    "of the others count for 1 / (1 - rate); in tests and "
                    "under attack all go through",
             .cite = "Srivastava et al., JMLR 2014; one draw for all steps as "
                     "SpikingJelly's multi-step dropout",
             .rows = dropout_rows,
             .n_rows = KIND_COUNT(dropout_rows),
             .params_size = sizeof(struct dropout),
             .applies = dropout_applies},
    .describe = dropout_describe,
};

/* stog ---------------------------------------------------------------- */

struct stog {
    double keep, minimum, temperature, prior;
    size_t n_learning_epochs;
    bool each_step;
    int gradient; /* enum stog_gradient */
};

enum stog_gradient { STOG_RELAXED, STOG_PUBLISHED };

static const char *const stog_gradients[] = {
    [STOG_RELAXED] = "relaxed", [STOG_PUBLISHED] = "published", NULL};

static void stog_describe(const void *params, struct gate_law *law)
{
    const struct stog *stog = params;
    *law = (struct gate_law){.keep = stog->keep,
                             .each_step = stog->each_step,
                             .in_tests = true,
                             .learned = true,
                             .minimum = stog->minimum,
                             .temperature = stog->temperature,
                             .published = stog->gradient == STOG_PUBLISHED,
                             .prior = stog->prior,
                             .n_learning_epochs = stog->n_learning_epochs};
}

static const char *stog_applies(const struct spec *spec)
{
    const struct stog *stog = spec->at[SPEC_GATE].params;
    if (stog->keep < stog->minimum)
        return "keep is below minimum";
    return needs_gradients(spec);
}

static const struct row stog_rows[] = {
    {.name = "keep", .unit = "1", .doc = "p of every neuron at first",
     .type = ROW_REAL, .fallback = "1", .minimum = 0.001, .maximum = 1,
     .offset = offsetof(struct stog, keep)},
    {.name = "minimum", .unit = "1",
     .doc = "p is moved back into [minimum, 1] after every step; the source bounds what is used "
            "of p instead",
     .type = ROW_REAL, .fallback = "0.1", .minimum = 0.001, .maximum = 1,
     .offset = offsetof(struct stog, minimum)},
    {.name = "temperature", .unit = "1", .doc = "of the relaxed gate",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.5", .minimum = 0.01,
     .maximum = 100, .offset = offsetof(struct stog, temperature)},
    {.name = "prior", .unit = "1",
     .doc = "gamma: gamma/2 times the sum of all p^2 is added to the loss",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "5e-06", .minimum = 0,
     .maximum = 1000, .offset = offsetof(struct stog, prior)},
    {.name = "n_learning_epochs", .unit = "1", .doc = "K: p is trained in the first K epochs only",
     .type = ROW_COUNT, .fallback = "100", .minimum = 0, .maximum = 1000000,
     .offset = offsetof(struct stog, n_learning_epochs)},
    {.name = "each_step", .unit = "1", .doc = "draw anew at every step, as the source does",
     .type = ROW_FLAG, .fallback = "true",
     .offset = offsetof(struct stog, each_step)},
    {.name = "gradient", .unit = "1",
     .doc = "by p: relaxed, the derivative of the relaxed gate; or published, its negative, the "
            "mean over samples and steps, as the source has it",
     .type = ROW_CHOICE, .fallback = "relaxed", .choices = stog_gradients,
     .offset = offsetof(struct stog, gradient)},
};

static const struct gate stog = {
    .kind = {.name = "stog",
             .doc = "a spike goes through with a probability p that each "
                    "neuron learns, in tests and under attack, too; p is "
                    "trained by the cell's optimizer without weight decay",
             .cite = "Ding et al., AAAI 2024 (StoG), whose source draws "
                     "Bernoulli gates and differentiates hard-concrete ones",
             .rows = stog_rows,
             .n_rows = KIND_COUNT(stog_rows),
             .params_size = sizeof(struct stog),
             .applies = stog_applies},
    .describe = stog_describe,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&none.kind, &dropout.kind,
                                           &stog.kind};

const struct axis gate_axis = {"gate",
                               "which spikes go through to the next layers",
                               kinds, KIND_COUNT(kinds), "none"};

const struct gate *gate_of(const struct kind *kind)
{
    return (const struct gate *)kind;
}

bool gate_take_law(const struct spec *spec, struct gate_law *law)
{
    const struct choice *choice = &spec->at[SPEC_GATE];
    const struct gate *gate = gate_of(choice->kind);
    if (!gate->describe)
        return false;
    gate->describe(choice->params, law);
    return true;
}

bool gate_is_random(const struct spec *spec)
{
    struct gate_law law;
    return gate_take_law(spec, &law) && law.in_tests;
}
