/* Flips of entries that are 0 or 1, as few as will do. A gradient tells which
 * entries to try, each of them is tried alone, and those that help are flipped
 * together; what turns out not to be needed is flipped back. */
#include "core/attack_sda.h"
#include "core/dataset.h"
#include "core/rng.h"
#include "core/spec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A rehearsal need not go on for as long as a sample could hold out: few take
 * more iterations than this, and each takes longer than all before it. */
enum { N_REHEARSED = 10 };

static struct sparse open_sparse(const struct sda *sda,
                                 const struct victim *victim,
                                 struct attack_batch *batch)
{
    struct arena *arena = batch->scratch;
    size_t n = batch->n, n_pixels = batch->n_pixels;
    return (struct sparse){
        .sda = sda,
        .assault = assault_open(&attack_sda, &sda->common, victim, batch),
        .won = ARENA_ARRAY(arena, float, n * n_pixels),
        .skip = ARENA_ARRAY(arena, bool, n),
        .places = ARENA_ARRAY(arena, struct sda_place, n_pixels),
    };
}

static size_t sda_memory(const void *params, const struct victim *victim)
{
    const struct sda *sda = params;
    struct arena arena = arena_open_counting();
    struct attack_batch batch = {.n = victim->n_max,
                                 .n_pixels = victim->n_pixels,
                                 .scratch = &arena};
    open_sparse(sda, victim, &batch);
    assault_open(&attack_sda, &sda->common, victim, &batch);
    return arena.n_bytes;
}

/* what a sample has --------------------------------------------------- */

struct sda_state *sda_state_of(const struct assault *assault, size_t i)
{
    return (struct sda_state *)assault->state + i;
}

static float *change_of(const struct assault *assault, size_t i)
{
    return assault->own[0] + i * assault->n_pixels;
}

uint32_t *sda_places_of(const struct assault *assault, size_t i)
{
    void *at = assault->own[1] + i * assault->n_pixels;
    return at;
}

static float *image_of(const struct assault *assault, size_t i)
{
    return assault->images + i * assault->n_pixels;
}

void sda_flip(struct assault *assault, size_t i, size_t place)
{
    float *entry = image_of(assault, i) + place;
    *entry = 1.0f - *entry;
}

/* max(z_y - max of the others, 0), the mean over the draws. */
static double loss_of(const struct assault *assault, size_t i)
{
    return fmax(-assault->score[i].loss, 0);
}

bool sda_is_wrong(const struct assault *assault, size_t i)
{
    return assault->score[i].n_wrong == assault->n_draws;
}

/* which entries to try ------------------------------------------------ */

static bool is_binary(float entry)
{
    return entry == 0.0f || entry == 1.0f;
}

/* The size of the slope where the margin rises when the entry is flipped. */
static float helpful_slope(float entry, float slope)
{
    bool helps = (entry == 0.0f && slope > 0) || (entry == 1.0f && slope < 0);
    return helps ? fabsf(slope) : 0;
}

static float least_slope(size_t n, const float *image, const float *gradient)
{
    float least = INFINITY;
    for (size_t k = 0; k < n; k++) {
        float slope = helpful_slope(image[k], gradient[k]);
        least = slope > 0 && slope < least ? slope : least;
    }
    return isfinite(least) ? least : 1;
}

static int compare_places(const void *a, const void *b)
{
    const struct sda_place *one = a, *other = b;
    if (one->size != other->size)
        return one->size < other->size ? 1 : -1;
    return one->at < other->at ? -1 : one->at > other->at;
}

void sda_sort_places(size_t n, struct sda_place *places)
{
    qsort(places, n, sizeof *places, compare_places);
}

/* The n_most entries of the largest slope that are not flipped yet; after them
 * those whose slope promises nothing, in random order. */
static void choose_places(struct sparse *sparse, size_t i, size_t n_most,
                          size_t iteration)
{
    struct assault *assault = &sparse->assault;
    size_t n = assault->n_pixels, n_places = 0;
    const float *image = image_of(assault, i), *change = change_of(assault, i);
    const float *gradient = assault->gradient + i * n;
    float least = least_slope(n, image, gradient);
    struct rng_stream stream = {assault->batch->seed, RNG_ATTACK_SEARCH,
                                rng_lane(assault->ids[i], iteration)};
    for (size_t k = 0; k < n; k++) {
        if (isfinite(change[k]) || !is_binary(image[k]))
            continue;
        float size = helpful_slope(image[k], gradient[k]);
        if (size == 0)
            size = least * (float)(rng_word(stream, k) >> 8) * 0x1p-24f;
        sparse->places[n_places++] =
            (struct sda_place){size, (uint32_t)k};
    }
    sda_sort_places(n_places, sparse->places);
    sda_state_of(assault, i)->n_places = n_places < n_most ? n_places : n_most;
    for (size_t k = 0; k < sda_state_of(assault, i)->n_places; k++)
        sda_places_of(assault, i)[k] = sparse->places[k].at;
}

/* flipping ------------------------------------------------------------ */

/* Whether that one more flip is enough; the smallest such image is kept. */
static void note_trial(struct assault *assault, size_t i, size_t place)
{
    struct sda_state *state = sda_state_of(assault, i);
    double change = loss_of(assault, i) - state->loss;
    change_of(assault, i)[place] = change <= 0 ? (float)change : INFINITY;
    if (sda_is_wrong(assault, i) && !state->is_won) {
        state->is_won = true;
        assault_keep(assault, i);
    }
}

/* All samples at once try the place that is theirs; who has none left asks
 * once more about what it has. */
static void try_places(struct assault *assault, size_t n_most)
{
    for (size_t k = 0; k < n_most && assault->n > 0; k++) {
        for (size_t i = 0; i < assault->n; i++)
            if (k < sda_state_of(assault, i)->n_places)
                sda_flip(assault, i, sda_places_of(assault, i)[k]);
        assault_query(assault);
        for (size_t i = 0; i < assault->n; i++) {
            if (k >= sda_state_of(assault, i)->n_places)
                continue;
            note_trial(assault, i, sda_places_of(assault, i)[k]);
            sda_flip(assault, i, sda_places_of(assault, i)[k]);
        }
    }
}

static void flip_what_helps(struct assault *assault)
{
    for (size_t i = 0; i < assault->n; i++)
        for (size_t k = 0; k < sda_state_of(assault, i)->n_places; k++) {
            uint32_t place = sda_places_of(assault, i)[k];
            if (isfinite(change_of(assault, i)[place]))
                sda_flip(assault, i, place);
        }
}

/* What is won: the image as it is, else the one of a single flip more. */
static void save(struct sparse *sparse, size_t i)
{
    struct assault *assault = &sparse->assault;
    size_t n = assault->n_pixels, origin = assault->origin[i];
    const float *clean = assault->clean + i * n;
    const float *image = image_of(assault, i);
    if (!sda_is_wrong(assault, i))
        image = assault->batch->adversarial + origin * n;
    else if (!sda_state_of(assault, i)->is_won)
        assault_keep(assault, i);
    for (size_t k = 0; k < n; k++)
        sparse->won[origin * n + k] =
            image[k] != clean[k] ? change_of(assault, i)[k] : INFINITY;
    sparse->skip[origin] = false;
    sda_state_of(assault, i)->is_won = true;
}

static bool is_over(const struct assault *assault, size_t i)
{
    const struct sda_state *state = sda_state_of(assault, i);
    return !assault->batch->all_stay && (state->is_won || state->is_lost);
}

/* After a query about what has been flipped so far. */
static void settle(struct sparse *sparse)
{
    struct assault *assault = &sparse->assault;
    for (size_t i = 0; i < assault->n; i++)
        if (sda_is_wrong(assault, i) || sda_state_of(assault, i)->is_won)
            save(sparse, i);
        else
            sda_state_of(assault, i)->loss = loss_of(assault, i);
    assault_release(assault, is_over);
    assault_keep_better(assault);
}

static void flip_more(struct sparse *sparse, size_t iteration)
{
    struct assault *assault = &sparse->assault;
    size_t n_most = (iteration + 1) * sparse->sda->k_init;
    n_most = n_most < assault->n_pixels ? n_most : assault->n_pixels;
    for (size_t i = 0; i < assault->n; i++) {
        choose_places(sparse, i, n_most, iteration);
        struct sda_state *state = sda_state_of(assault, i);
        state->is_lost = state->n_places == 0;
    }
    assault_release(assault, is_over);
    try_places(assault, n_most);
    flip_what_helps(assault);
}

/* all of it ----------------------------------------------------------- */

static void begin(struct sparse *sparse)
{
    struct assault *assault = &sparse->assault;
    assault_pursue(assault, OBJECTIVE_MARGIN);
    assault_query_gradient(assault);
    assault_keep_all(assault);
    assault_count_zeros(assault);
    assault_release_still(assault);
    for (size_t i = 0; i < assault->batch->n; i++)
        sparse->skip[i] = true;
    for (size_t i = 0; i < assault->n; i++) {
        struct sda_state *state = sda_state_of(assault, i);
        *state = (struct sda_state){.loss = loss_of(assault, i),
                                    .is_lost = sda_is_wrong(assault, i)};
        for (size_t k = 0; k < assault->n_pixels; k++)
            change_of(assault, i)[k] = INFINITY;
    }
    assault_release(assault, is_over);
}

/* Passes of so many iterations, at most; a gradient, which there is before each
 * of them, is two more. */
static double count_passes(const struct sparse *sparse, size_t n)
{
    size_t n_pixels = sparse->assault.n_pixels;
    double sum = 1;
    for (size_t k = 0; k < n; k++) {
        size_t n_most = (k + 1) * sparse->sda->k_init;
        sum += 3 + (double)(n_most < n_pixels ? n_most : n_pixels);
    }
    return sum;
}

/* What is left out of a rehearsal, at most, with the way back. */
static void rehearse(struct sparse *sparse, size_t n)
{
    double whole = count_passes(sparse, n) + 1 +
                   log2((double)sparse->assault.n_pixels);
    sparse->assault.batch->share = count_passes(sparse, N_REHEARSED) / whole;
}

static void sda_run(const void *params, const struct victim *victim,
                    struct attack_batch *batch)
{
    const struct sda *sda = params;
    struct sparse sparse = open_sparse(sda, victim, batch);
    struct assault *assault = &sparse.assault;
    size_t n = sda->n_iterations;
    if (batch->all_stay && n > N_REHEARSED) {
        rehearse(&sparse, n);
        n = N_REHEARSED;
    }
    begin(&sparse);
    for (size_t k = 0; k < n && assault->n > 0; k++) {
        flip_more(&sparse, k);
        if (k + 1 < n)
            assault_query_gradient(assault);
        else
            assault_query(assault);
        settle(&sparse);
    }
    sda_flip_back(&sparse);
}

static const char *sda_applies(const struct spec *spec)
{
    const struct choice *dataset = &spec->at[SPEC_DATASET];
    const struct dataset_events *events = dataset->params;
    if (dataset_count_frames(dataset) == 0)
        return "flips ones and zeros: needs a data set of event recordings "
               "(nmnist)";
    if (events->saturation != 1)
        return "flips ones and zeros: needs the data set's saturation to be "
               "1, else frames hold shares of it";
    return attack_applies(spec);
}

static const struct row sda_rows[] = {
    {.name = "epsilons", .unit = "1",
     .doc = "budgets: how many entries of all frames may be flipped; in any order",
     .type = ROW_REALS, .is_set = true, .fallback = "[0, 50, 100, 200, 400, 800]",
     .minimum = 0, .maximum = 0x1p24, .offset = offsetof(struct attack_common, epsilons)},
    ATTACK_SAMPLE_ROWS,
    {.name = "k_init", .unit = "1",
     .doc = "entries tried one by one in the first iteration; in the i-th i times as many",
     .type = ROW_COUNT, .fallback = "10", .minimum = 1, .maximum = 10000,
     .offset = offsetof(struct sda, k_init)},
    {.name = "n_iterations", .unit = "1",
     .doc = "iterations at most, until a sample is misclassified", .type = ROW_COUNT,
     .fallback = "500", .minimum = 1, .maximum = 10000,
     .offset = offsetof(struct sda, n_iterations)},
};

const struct attack attack_sda = {
    .kind = {.name = "sda",
             .doc = "sparse dynamic attack on frames of ones and zeros: flips entries that a "
                    "gradient and a try of each alone recommend, then flips back what is not "
                    "needed; a try that wins alone counts, too",
             .cite = "Lun et al., CVPR 2025 (arXiv 2503.03272), SDA, as its code has it; that a "
                     "try may win is this program's",
             .rows = sda_rows,
             .n_rows = KIND_COUNT(sda_rows),
             .params_size = sizeof(struct sda),
             .applies = sda_applies},
    .norm = NORM_L0,
    .gradient = true,
    .minimal = true,
    .state = {.n_images = 2, .n_bytes = sizeof(struct sda_state)},
    .memory = sda_memory,
    .run = sda_run,
};
