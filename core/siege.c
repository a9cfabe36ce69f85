#include "core/siege.h"
#include "core/attack_source.h"
#include "core/model_fit.h"
#include "core/rng.h"
#include "core/surrogate.h"
#include "core/training.h"

#include <math.h>
#include <string.h>

/* the victim ---------------------------------------------------------- */

/* The verdict is given with the test's own random numbers, those of the clean
 * measurement. An attack has not seen them, unless it is told to. */
static const struct {
    enum rng_use use;
    uint32_t draw;
} verdict = {RNG_ENCODE_TEST, 0};

struct model_batch siege_batch(const struct siege *siege, size_t n,
                               const float *images, const uint32_t *ids,
                               uint32_t draw)
{
    const struct attack_common *common = siege->attack_params;
    if (common->fixed_draw)
        return (struct model_batch){n,           images,      ids,
                                    siege->seed, verdict.use, verdict.draw};
    return (struct model_batch){n,           images,            ids,
                                siege->seed, RNG_ENCODE_ATTACK, draw};
}

static void siege_ask(void *self, const struct query *query)
{
    struct siege *siege = self;
    struct model_batch batch = siege_batch(siege, query->n, query->images,
                                           query->ids, query->draw);
    trial_ask(siege->attacked, &batch, query);
    model_settle(siege->attacked, query->repeats);
    if (query->d_images)
        model_backward_images(siege->attacked, &batch, query->d_images);
    if (siege->before)
        checkpoint_offer(siege->keeper, siege->before);
}

static void siege_keep(void *self, size_t n, const uint32_t *kept)
{
    model_keep(((struct siege *)self)->attacked, n, kept);
}

static void siege_forget(void *self, size_t first, size_t n)
{
    model_forget(((struct siege *)self)->attacked, first, n);
}

static struct model *lay_out_source(const struct siege *siege,
                                    const struct spec *source, size_t n,
                                    struct trial_means means,
                                    struct arena *arena)
{
    enum model_purpose purpose = attack_source_is_analog(siege->spec)
                                     ? MODEL_ATTACK_ANALOG
                                     : MODEL_ATTACK;
    return source ? model_lay_out(source, siege->data, n, purpose, means, arena)
                  : siege->model;
}

void siege_lay_out(struct siege *siege, const struct spec *spec,
                   const struct spec *source, const struct data_set *data,
                   size_t n_samples, struct trial_means means,
                   struct arena *arena)
{
    size_t n = trial_attack_batch(spec, n_samples);
    size_t n_pixels = image_size(data->shape);
    const struct training_common *training = spec->at[SPEC_TRAINING].params;
    const struct attack *attack = attack_of(spec->at[SPEC_ATTACK].kind);
    const struct attack_common *common = spec->at[SPEC_ATTACK].params;
    bool is_fixed = common->fixed_draw;
    const struct spec *asked = source ? source : spec;
    bool adapts = surrogate_in_attack(asked).surrogate->adapt;
    *siege = (struct siege){
        .spec = spec,
        .data = data,
        .attack = attack,
        .attack_params = spec->at[SPEC_ATTACK].params,
        .sizes = attack_sizes(attack, spec->at[SPEC_ATTACK].params),
        .model = model_lay_out(spec, data, n, MODEL_ATTACK, means, arena),
        .batch = trial_batch_lay_out(data, n, arena),
        .adversarial = ARENA_ARRAY(arena, float, n * n_pixels),
        .found =
            ARENA_ARRAY(arena, float, attack->minimal ? n * n_pixels : 0),
        .size = ARENA_ARRAY(arena, double, n),
        .epsilon = ARENA_ARRAY(arena, float, n),
        .skip = ARENA_ARRAY(arena, bool, n),
        .n_zero_pixels = ARENA_ARRAY(arena, uint32_t, n),
        .n_forward = ARENA_ARRAY(arena, uint32_t, n),
        .n_backward = ARENA_ARRAY(arena, uint32_t, n),
        .withstood = ARENA_ARRAY(arena, double, n),
        .beaten = ARENA_ARRAY(arena, double, n),
        .found_at = ARENA_ARRAY(arena, double, n),
        .shake = ARENA_ARRAY(arena, float, n_pixels),
        .still = ARENA_ARRAY(arena, float, n),
        .seed = training->seed,
        .scratch = arena_open(),
    };
    siege->attacked = lay_out_source(siege, source, n, means, arena);
    siege->is_drawn =
        (trial_is_random(asked) || trial_is_random(spec)) && !is_fixed;
    siege->victim = (struct victim){
        .self = siege,
        .shape = data->shape,
        .n_pixels = n_pixels,
        .n_classes = data->n_classes,
        .n_max = n,
        .random = trial_is_random(asked) && !is_fixed,
        .ask = siege_ask,
        .keep = adapts ? siege_keep : NULL,
        .forget = adapts ? siege_forget : NULL,
    };
}

/* one run of the attack ----------------------------------------------- */

static struct attack_batch attack_batch_of(struct siege *siege)
{
    for (size_t i = 0; i < siege->n; i++)
        siege->epsilon[i] = (float)siege->size[i];
    return (struct attack_batch){
        .n = siege->n,
        .n_pixels = siege->victim.n_pixels,
        .clean = siege->batch.images,
        .labels = siege->batch.labels,
        .ids = siege->batch.ids,
        .seed = siege->seed,
        .epsilon = siege->epsilon,
        .skip = siege->skip,
        .adversarial = siege->adversarial,
        .n_zero_pixels = siege->n_zero_pixels,
        .n_forward = siege->n_forward,
        .n_backward = siege->n_backward,
        .scratch = &siege->scratch,
    };
}

static void run_attack(struct siege *siege)
{
    struct attack_batch batch = attack_batch_of(siege);
    memset(siege->n_forward, 0, siege->n * sizeof *siege->n_forward);
    memset(siege->n_backward, 0, siege->n * sizeof *siege->n_backward);
    siege->attack->run(siege->attack_params, &siege->victim, &batch);
    arena_close(&siege->scratch);
}

static void add_passes(const struct siege *siege, uint32_t *n_forward,
                       uint32_t *n_backward)
{
    for (size_t i = 0; i < siege->n; i++) {
        n_forward[i] += siege->n_forward[i];
        n_backward[i] += siege->n_backward[i];
    }
}

static const float *clean_of(const struct siege *siege, size_t i)
{
    return siege->batch.images + i * siege->victim.n_pixels;
}

static double distance_of(const struct siege *siege, const float *images,
                          size_t i)
{
    size_t n = siege->victim.n_pixels;
    return norm_distance(siege->attack->norm, n, clean_of(siege, i),
                         images + i * n);
}

/* The smallest perturbations are looked for once; an epsilon takes those that
 * are not larger. */
static void take_found(struct siege *siege, double epsilon)
{
    size_t n = siege->victim.n_pixels;
    for (size_t i = 0; i < siege->n; i++) {
        bool is_in = siege->found_at[i] <= epsilon;
        memcpy(siege->adversarial + i * n,
               is_in ? siege->found + i * n : clean_of(siege, i),
               n * sizeof *siege->found);
    }
}

static void find_smallest(struct siege *siege)
{
    double largest = siege->sizes.at[siege->sizes.n - 1];
    for (size_t i = 0; i < siege->n; i++)
        siege->size[i] = largest;
    run_attack(siege);
    memcpy(siege->found, siege->adversarial,
           siege->n * siege->victim.n_pixels * sizeof *siege->found);
    for (size_t i = 0; i < siege->n; i++)
        siege->found_at[i] = distance_of(siege, siege->found, i);
}

/* the verdict --------------------------------------------------------- */

static void judge(struct siege *siege, uint8_t *prediction)
{
    struct model_batch input = {siege->n,    siege->adversarial,
                                siege->batch.ids, siege->seed,
                                verdict.use,      verdict.draw};
    struct query query = {.n = siege->n,
                          .labels = siege->batch.labels,
                          .objective = &objectives[OBJECTIVE_CE],
                          .loss = siege->batch.loss,
                          .predicted = prediction};
    trial_ask(siege->model, &input, &query);
}

/* Where answers are drawn a sample may withstand more than what beat it. */
static void note_verdicts(struct siege *siege, const uint8_t *prediction)
{
    for (size_t i = 0; i < siege->n; i++) {
        double size = siege->size[i];
        if (siege->skip[i])
            continue;
        if (prediction[i] != siege->batch.labels[i])
            siege->beaten[i] =
                fmin(siege->beaten[i], fmin(size, siege->found_at[i]));
        else
            siege->withstood[i] = fmax(siege->withstood[i], size);
    }
}

/* Of equal values the first stays, zeros of either sign among them, so that
 * parts of the samples make the same extremes as all at once. */
static bool is_whole(float pixel)
{
    return pixel == 0.0f || pixel == 1.0f;
}

static void add_extremes(const struct siege *siege, size_t i,
                         struct siege_sums *sums)
{
    size_t n = siege->victim.n_pixels;
    const float *clean = clean_of(siege, i);
    const float *image = siege->adversarial + i * n;
    double distance = distance_of(siege, siege->adversarial, i);
    sums->distance = distance > sums->distance ? distance : sums->distance;
    for (size_t k = 0; k < n; k++) {
        sums->low = image[k] < sums->low ? image[k] : sums->low;
        sums->high = image[k] > sums->high ? image[k] : sums->high;
        sums->n_between += is_whole(clean[k]) && !is_whole(image[k]);
    }
}

static void add_sums(const struct siege *siege, const uint8_t *prediction,
                     struct siege_sums *sums)
{
    for (size_t i = 0; i < siege->n; i++) {
        size_t n_zero = siege->n_zero_pixels[i];
        sums->n_correct += prediction[i] == siege->batch.labels[i];
        sums->n_zero_samples += n_zero == siege->victim.n_pixels;
        sums->n_zero_pixels += n_zero;
        add_extremes(siege, i, sums);
    }
}

/* all of it ----------------------------------------------------------- */

void siege_gather(struct siege *siege, size_t first, size_t n)
{
    siege->n = n;
    for (size_t i = 0; i < n; i++) {
        siege->batch.ids[i] = (uint32_t)(first + i);
        siege->skip[i] = false;
        siege->withstood[i] = 0;
        siege->beaten[i] = siege->found_at[i] = (double)INFINITY;
    }
    trial_gather(siege->data, &siege->data->test, n, &siege->batch);
}

void siege_begin(struct siege *siege, size_t first, size_t n)
{
    siege_gather(siege, first, n);
    if (siege->attack->minimal)
        find_smallest(siege);
}

void siege_add_checkpoint(const struct siege *siege,
                          struct checkpoint *checkpoint)
{
    size_t n = siege->victim.n_max;
    size_t n_bytes = n * siege->victim.n_pixels * sizeof(float);
    /* Of samples that later epsilons skip. */
    checkpoint_add(checkpoint, siege->adversarial, n_bytes);
    checkpoint_add(checkpoint, siege->n_zero_pixels, n * sizeof(uint32_t));
    checkpoint_add(checkpoint, siege->withstood, n * sizeof(double));
    checkpoint_add(checkpoint, siege->beaten, n * sizeof(double));
    checkpoint_add(checkpoint, siege->found_at, n * sizeof(double));
    checkpoint_add(checkpoint, siege->found,
                   siege->attack->minimal ? n_bytes : 0);
}

/* Whether samples that were won at smaller epsilons are not attacked again. */
static bool is_warm(const struct siege *siege, double epsilon)
{
    const struct attack_common *common = siege->attack_params;
    bool is_beyond = epsilon > common->epsilons.at[common->epsilons.n - 1];
    return common->warm_start || (is_beyond && !siege->is_drawn);
}

void siege_attack(struct siege *siege, double epsilon, uint8_t *prediction,
                  struct siege_sums *sums, uint32_t *n_forward,
                  uint32_t *n_backward)
{
    bool warm = is_warm(siege, epsilon);
    for (size_t i = 0; i < siege->n; i++) {
        siege->size[i] = epsilon;
        siege->skip[i] = warm && isfinite(siege->beaten[i]);
    }
    if (siege->attack->minimal)
        take_found(siege, epsilon);
    else
        run_attack(siege);
    judge(siege, prediction);
    note_verdicts(siege, prediction);
    add_sums(siege, prediction, sums);
    add_passes(siege, n_forward, n_backward);
    memset(siege->n_forward, 0, siege->n * sizeof *siege->n_forward);
    memset(siege->n_backward, 0, siege->n * sizeof *siege->n_backward);
}

/* A landscape of loss that less than a grey level turns over is none that a
 * gradient tells anything about. The noise is clipped to the box. */
static void add_noise(struct siege *siege)
{
    const float most = 1.0f / 255;
    size_t n = siege->victim.n_pixels;
    for (size_t i = 0; i < siege->n; i++) {
        float *image = siege->adversarial + i * n;
        struct rng_stream stream = {siege->seed, RNG_SHAKE,
                                    siege->batch.ids[i]};
        rng_fill_uniform(stream, 0, n, siege->shake);
        for (size_t k = 0; k < n; k++) {
            float moved = image[k] + most * (2 * siege->shake[k] - 1);
            image[k] = fminf(fmaxf(moved, 0.0f), 1.0f);
        }
    }
}

void siege_shake(struct siege *siege, double *change)
{
    memcpy(siege->still, siege->batch.loss, siege->n * sizeof *siege->still);
    add_noise(siege);
    judge(siege, siege->batch.predicted);
    for (size_t i = 0; i < siege->n; i++) {
        double before = (double)siege->still[i];
        double after = (double)siege->batch.loss[i];
        change[i] = fabs(after - before) / fmax(before, 0.01);
    }
}

/* The gap of a sample is between floats; one that is closed is left alone. */
static size_t aim_between(struct siege *siege)
{
    size_t n_open = 0;
    for (size_t i = 0; i < siege->n; i++) {
        double low = siege->withstood[i], high = siege->beaten[i];
        double middle = (double)(float)(low + (high - low) / 2);
        siege->size[i] = middle;
        siege->skip[i] = !isfinite(high) || middle <= low || middle >= high;
        n_open += !siege->skip[i];
    }
    return n_open;
}

void siege_bisect(struct siege *siege, size_t n_times, uint32_t *n_forward,
                  uint32_t *n_backward)
{
    for (size_t k = 0; k < n_times && aim_between(siege) > 0; k++) {
        run_attack(siege);
        judge(siege, siege->batch.predicted);
        note_verdicts(siege, siege->batch.predicted);
        add_passes(siege, n_forward, n_backward);
    }
}

double siege_rehearse(struct siege *siege, size_t n, double epsilon)
{
    siege_gather(siege, 0, n);
    for (size_t i = 0; i < siege->n; i++)
        siege->size[i] = epsilon;
    struct attack_batch batch = attack_batch_of(siege);
    batch.all_stay = true;
    batch.share = 1;
    siege->attack->run(siege->attack_params, &siege->victim, &batch);
    arena_close(&siege->scratch);
    return batch.share;
}
