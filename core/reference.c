#include "core/reference.h"
#include "core/siege.h"

#include <string.h>

/* A victim that notes which images it is asked about first. */
struct witness {
    struct siege *siege;
    float *start; /* [n][n_pixels]; NULL: noted already */
};

static void witness_ask(void *self, const struct query *query)
{
    struct witness *witness = self;
    struct siege *siege = witness->siege;
    if (witness->start)
        memcpy(witness->start, query->images,
               query->n * siege->victim.n_pixels * sizeof(float));
    witness->start = NULL;
    siege->victim.ask(siege->victim.self, query);
}

static void witness_keep(void *self, size_t n, const uint32_t *kept)
{
    struct siege *siege = ((struct witness *)self)->siege;
    siege->victim.keep(siege->victim.self, n, kept);
}

static void witness_forget(void *self, size_t first, size_t n)
{
    struct siege *siege = ((struct witness *)self)->siege;
    siege->victim.forget(siege->victim.self, first, n);
}

/* Places in the reference's arrays, while they are filled. */
struct filling {
    float *images, *logits, *loss, *gradient;
    float *start, *adversarial, *logits_after;
    uint8_t *labels;
    double *epsilons;
};

static struct filling take_room(const struct reference *of,
                                struct arena *arena)
{
    size_t n_entries = of->n * of->n_pixels;
    size_t n_logits = of->n * of->n_classes;
    size_t n_runs = of->n_epsilons;
    return (struct filling){
        .images = ARENA_ARRAY(arena, float, n_entries),
        .logits = ARENA_ARRAY(arena, float, n_logits),
        .loss = ARENA_ARRAY(arena, float, of->n),
        .gradient = ARENA_ARRAY(arena, float, n_entries),
        .start = ARENA_ARRAY(arena, float, n_runs * n_entries),
        .adversarial = ARENA_ARRAY(arena, float, n_runs * n_entries),
        .logits_after = ARENA_ARRAY(arena, float, n_runs * n_logits),
        .labels = ARENA_ARRAY(arena, uint8_t, of->n),
        .epsilons = ARENA_ARRAY(arena, double, n_runs),
    };
}

/* d_images may be NULL. */
static void ask(struct siege *siege, const float *images, float *loss,
                float *logits, float *d_images)
{
    struct query query = {
        .n = siege->n,
        .images = images,
        .labels = siege->batch.labels,
        .ids = siege->batch.ids,
        .objective = &objectives[OBJECTIVE_CE],
        .loss = loss,
        .predicted = siege->batch.predicted,
        .logits = logits,
        .d_images = d_images,
    };
    if (siege->victim.forget)
        siege->victim.forget(siege->victim.self, 0, siege->n);
    siege->victim.ask(siege->victim.self, &query);
}

static void attack_once(struct siege *siege, double epsilon, float *start,
                        float *adversarial)
{
    struct witness witness = {siege, start};
    struct victim victim = siege->victim;
    victim.self = &witness;
    victim.ask = witness_ask;
    victim.keep = victim.keep ? witness_keep : NULL;
    victim.forget = victim.forget ? witness_forget : NULL;
    for (size_t i = 0; i < siege->n; i++)
        siege->epsilon[i] = (float)epsilon;
    struct attack_batch batch = {.n = siege->n,
                                 .n_pixels = victim.n_pixels,
                                 .clean = siege->batch.images,
                                 .labels = siege->batch.labels,
                                 .ids = siege->batch.ids,
                                 .seed = siege->seed,
                                 .epsilon = siege->epsilon,
                                 .adversarial = adversarial,
                                 .only_last = true,
                                 .scratch = &siege->scratch};
    siege->attack->run(siege->attack_params, &victim, &batch);
    arena_close(&siege->scratch);
}

static void fill(struct siege *siege, const struct reference *of,
                 struct filling *to)
{
    size_t n_entries = of->n * of->n_pixels;
    size_t n_logits = of->n * of->n_classes;
    memcpy(to->images, siege->batch.images, n_entries * sizeof *to->images);
    memcpy(to->labels, siege->batch.labels, of->n);
    ask(siege, to->images, to->loss, to->logits, to->gradient);
    for (size_t e = 0; e < of->n_epsilons; e++) {
        float *adversarial = to->adversarial + e * n_entries;
        to->epsilons[e] = siege->sizes.at[e];
        attack_once(siege, siege->sizes.at[e], to->start + e * n_entries,
                    adversarial);
        ask(siege, adversarial, siege->batch.loss,
            to->logits_after + e * n_logits, NULL);
    }
}

static bool climbs(const struct attack *attack)
{
    static const char *const names[] = {"fgsm", "rfgsm", "bim",
                                        "pgd",  "mim",   "pgd_l2"};
    for (size_t i = 0; i < KIND_COUNT(names); i++)
        if (strcmp(attack->kind.name, names[i]) == 0)
            return true;
    return false;
}

static enum status check(const struct spec *spec, const struct data_set *data,
                         const struct weights *weights, size_t n)
{
    const struct attack *attack = attack_of(spec->at[SPEC_ATTACK].kind);
    if (!climbs(attack))
        return status_refuse(STATUS_INVALID,
                             "attack %s: allowed are fgsm, rfgsm, bim, pgd, "
                             "mim and pgd_l2",
                             attack->kind.name);
    if (trial_is_random(spec))
        return status_refuse(STATUS_INVALID,
                             "the network's answers are drawn (encoding %s, "
                             "gate %s); allowed is a network that gives one "
                             "answer to an image",
                             spec->at[SPEC_ENCODING].kind->name,
                             spec->at[SPEC_GATE].kind->name);
    size_t most = trial_attack_batch(spec, data->test.n);
    if (n < 1 || n > most)
        return status_refuse(STATUS_INVALID,
                             "%zu samples: allowed are 1 to %zu, as many as "
                             "the test split and attack.batch_size have",
                             n, most);
    if (weights->n != model_count_values(spec, data))
        return status_refuse(STATUS_INVALID,
                             "the model has %zu values, its network on this "
                             "data needs %zu",
                             weights->n, model_count_values(spec, data));
    return STATUS_OK;
}

enum status reference_make(const struct spec *spec,
                           const struct data_set *data,
                           const struct weights *weights, size_t n,
                           struct trial_means means, struct arena *arena,
                           struct reference *reference)
{
    struct siege siege;
    TRY(check(spec, data, weights, n));
    struct arena own = arena_open();
    siege_lay_out(&siege, spec, NULL, data, n, means, &own);
    memcpy(siege.model->weights, weights->at, weights->n * sizeof(float));
    siege_calibrate(&siege);
    siege_begin(&siege, 0, n);
    struct reference made = {.n = n,
                             .n_pixels = siege.victim.n_pixels,
                             .n_classes = data->n_classes,
                             .n_epsilons = siege.sizes.n};
    struct filling to = take_room(&made, arena);
    fill(&siege, &made, &to);
    made.epsilons = to.epsilons;
    made.images = to.images;
    made.labels = to.labels;
    made.logits = to.logits;
    made.loss = to.loss;
    made.gradient = to.gradient;
    made.start = to.start;
    made.adversarial = to.adversarial;
    made.logits_after = to.logits_after;
    arena_close(&own);
    *reference = made;
    return STATUS_OK;
}
