/* Perturbing the images of a step. */
#include "core/loss.h"
#include "core/trial_course.h"

#include <string.h>

/* the network as the attack sees it ----------------------------------- */

struct sparring {
    const struct course *course;
    uint64_t seed;
};

/* The divergence is from clean predictions, in the samples' own order: none of
 * them leaves. */
static void find_divergence(const struct opponent *opponent,
                            const struct model *model,
                            const struct query *query)
{
    loss_divergence(query->n, model->n_classes, opponent->logits,
                    model->logits, 1.0f, query->loss, NULL, model->d_logits);
}

static void spar_ask(void *self, const struct query *query)
{
    const struct sparring *sparring = self;
    const struct opponent *opponent = &sparring->course->opponent;
    struct model *model = sparring->course->model;
    struct model_batch batch = {query->n,       query->images,
                                query->ids,     sparring->seed,
                                RNG_ENCODE_ATTACK, query->draw};
    trial_ask(model, &batch, query);
    if (opponent->mix.divergence > 0)
        find_divergence(opponent, model, query);
    if (query->d_images)
        model_backward_images(model, &batch, query->d_images);
}

static struct victim victim_of(struct sparring *sparring)
{
    const struct course *course = sparring->course;
    return (struct victim){
        .self = sparring,
        .shape = course->data->shape,
        .n_pixels = image_size(course->data->shape),
        .n_classes = course->data->n_classes,
        .n_max = trial_train_batch(course->spec, course->data),
        .random = trial_is_random(course->spec),
        .ask = spar_ask,
    };
}

/* Other numbers in each epoch, the same for all cells of a seed. */
static uint64_t seed_of(const struct course *course, size_t epoch)
{
    struct rng_stream stream = {course->training->common.seed, RNG_ADVERSARY,
                                epoch};
    return (uint64_t)rng_word(stream, 0) << 32 | rng_word(stream, 1);
}

/* The clean predictions that a divergence is from are the tested network's. */
void course_perturb(struct course *course, size_t epoch)
{
    struct opponent *opponent = &course->opponent;
    struct sparring sparring = {course, seed_of(course, epoch)};
    struct victim victim = victim_of(&sparring);
    struct model *model = course->model;
    struct adversary_batch batch = {.victim = &victim,
                                    .n = model->n_images,
                                    .n_pixels = victim.n_pixels,
                                    .clean = course->batch.images,
                                    .labels = course->batch.labels,
                                    .ids = course->batch.ids,
                                    .seed = sparring.seed,
                                    .images = opponent->images};
    if (opponent->mix.divergence > 0) {
        struct model_batch clean = {batch.n,       batch.clean, batch.ids,
                                    sparring.seed, RNG_ENCODE_ATTACK, 0};
        model_forward_test(model, &clean, NULL);
        memcpy(opponent->logits, model->logits,
               batch.n * model->n_classes * sizeof *model->logits);
    }
    opponent->adversary->perturb(opponent->adversary, opponent->params,
                                 &batch);
}

/* memory -------------------------------------------------------------- */

void course_meet_opponent(struct course *course, struct arena *arena)
{
    const struct choice *choice = &course->spec->at[SPEC_ADVERSARY];
    struct opponent opponent = {.adversary = adversary_of(choice->kind),
                                .params = choice->params};
    size_t n = trial_train_batch(course->spec, course->data);
    if (opponent.adversary->mix) {
        opponent.mix = opponent.adversary->mix(choice->params);
        opponent.images = ARENA_ARRAY(
            arena, float, n * image_size(course->data->shape));
    }
    if (opponent.mix.divergence > 0)
        opponent.logits =
            ARENA_ARRAY(arena, float, n * course->data->n_classes);
    course->opponent = opponent;
}

size_t course_count_scratch(const struct course *course)
{
    struct sparring sparring = {course, 0};
    struct victim victim = victim_of(&sparring);
    return adversary_memory(course->opponent.adversary,
                            course->opponent.params, &victim);
}
