#include "core/assault.h"

#include <math.h>
#include <string.h>

/* memory -------------------------------------------------------------- */

static void *take_column(struct assault *assault, size_t n_bytes)
{
    struct arena *arena = assault->batch->scratch;
    void *at = arena_take(arena, assault->batch->n * n_bytes);
    MUST(assault->n_columns < ASSAULT_COLUMNS_MAX);
    assault->columns[assault->n_columns++] =
        (struct assault_column){at, n_bytes};
    return at;
}

static float *take_images(struct assault *assault)
{
    return take_column(assault, assault->n_pixels * sizeof(float));
}

static void take_all(struct assault *assault, const struct attack *attack)
{
    size_t n_classes = assault->victim->n_classes;
    assault->clean = take_images(assault);
    assault->images = take_images(assault);
    if (attack->gradient)
        assault->gradient = take_images(assault);
    if (attack->gradient && assault->n_draws > 1)
        assault->one_gradient = take_images(assault);
    MUST(attack->state.n_images <= ASSAULT_IMAGES_MAX);
    for (size_t i = 0; i < attack->state.n_images; i++)
        assault->own[i] = take_images(assault);
    if (attack->state.n_bytes)
        assault->state = take_column(assault, attack->state.n_bytes);
    assault->epsilon = take_column(assault, sizeof *assault->epsilon);
    assault->labels = take_column(assault, 1);
    assault->targets = take_column(assault, 1);
    assault->ids = take_column(assault, sizeof *assault->ids);
    assault->origin = take_column(assault, sizeof *assault->origin);
    assault->logits =
        take_column(assault, n_classes * sizeof *assault->logits);
    assault->ranked = take_column(assault, n_classes);
    assault->score = take_column(assault, sizeof *assault->score);
    assault->best = take_column(assault, sizeof *assault->best);
    assault->loss = take_column(assault, sizeof *assault->loss);
    assault->predicted = take_column(assault, 1);
    assault->kept = ARENA_ARRAY(assault->batch->scratch, uint32_t,
                                assault->batch->n);
}

static void copy_sample(struct assault *assault, size_t from)
{
    const struct attack_batch *batch = assault->batch;
    size_t n = assault->n_pixels, to = assault->n++;
    memcpy(assault->clean + to * n, batch->clean + from * n,
           n * sizeof *batch->clean);
    memcpy(assault->images + to * n, batch->clean + from * n,
           n * sizeof *batch->clean);
    assault->epsilon[to] = batch->epsilon[from];
    assault->labels[to] = batch->labels[from];
    assault->ids[to] = batch->ids[from];
    assault->origin[to] = (uint32_t)from;
}

struct assault assault_open(const struct attack *attack,
                            const struct attack_common *common,
                            const struct victim *victim,
                            struct attack_batch *batch)
{
    MUST(batch->n <= victim->n_max && batch->n_pixels == victim->n_pixels);
    struct assault assault = {
        .victim = victim,
        .batch = batch,
        .objective = &objectives[OBJECTIVE_CE],
        .untargeted = &objectives[OBJECTIVE_CE],
        .n_pixels = batch->n_pixels,
        .all_stay = victim->random || batch->all_stay || common->keep_going,
        .n_draws = victim->random ? common->n_draws : 1,
    };
    take_all(&assault, attack);
    if (batch->scratch->counting)
        return assault;
    for (size_t i = 0; i < batch->n; i++)
        if (!batch->skip || !batch->skip[i])
            copy_sample(&assault, i);
    assault_forget(&assault, 0, assault.n);
    return assault;
}

/* queries ------------------------------------------------------------- */

static void count_passes(const struct assault *assault, uint32_t *counts)
{
    for (size_t i = 0; counts && i < assault->n; i++)
        counts[assault->origin[i]] += (uint32_t)assault->n_draws;
}

/* Scores of different targets are to be compared. */
static void forget_target(struct assault *assault)
{
    if (assault->objective->targeted)
        assault->untargeted->find(assault->n, assault->victim->n_classes,
                                  assault->logits, assault->labels, NULL,
                                  assault->loss, NULL);
}

/* A loss that is not a number is the attacker's last choice. */
static void add_draw(struct assault *assault)
{
    for (size_t i = 0; i < assault->n; i++)
        assault->score[i].aimed +=
            (double)assault->loss[i] / (double)assault->n_draws;
    forget_target(assault);
    for (size_t i = 0; i < assault->n; i++) {
        struct attack_score *score = &assault->score[i];
        double loss = (double)assault->loss[i];
        score->n_wrong += assault->predicted[i] != assault->labels[i];
        score->loss += isnan(loss) ? -(double)INFINITY
                                   : loss / (double)assault->n_draws;
    }
}

static void ask(struct assault *assault, size_t i_draw, float *gradient)
{
    struct query query = {
        .n = assault->n,
        .images = assault->images,
        .labels = assault->labels,
        .targets = assault->objective->targeted ? assault->targets : NULL,
        .ids = assault->ids,
        .draw = assault->next_draw++,
        .repeats = assault->repeats || i_draw > 0,
        .objective = assault->objective,
        .loss = assault->loss,
        .predicted = assault->predicted,
        .logits = assault->logits,
        .d_images = gradient,
    };
    assault->victim->ask(assault->victim->self, &query);
    add_draw(assault);
}

static void begin_query(struct assault *assault)
{
    memset(assault->score, 0, assault->n * sizeof *assault->score);
    count_passes(assault, assault->batch->n_forward);
}

void assault_query(struct assault *assault)
{
    if (assault->n == 0)
        return;
    begin_query(assault);
    for (size_t i = 0; i < assault->n_draws; i++)
        ask(assault, i, NULL);
}

static void add_gradient(size_t n, float share, const float *restrict one,
                         float *restrict sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += share * one[i];
}

void assault_query_gradient(struct assault *assault)
{
    if (assault->n == 0)
        return;
    size_t n = assault->n * assault->n_pixels;
    begin_query(assault);
    count_passes(assault, assault->batch->n_backward);
    if (assault->n_draws == 1) {
        ask(assault, 0, assault->gradient);
        return;
    }
    float share = 1.0f / (float)assault->n_draws;
    memset(assault->gradient, 0, n * sizeof *assault->gradient);
    for (size_t i = 0; i < assault->n_draws; i++) {
        ask(assault, i, assault->one_gradient);
        add_gradient(n, share, assault->one_gradient, assault->gradient);
    }
}

void assault_count_zeros(const struct assault *assault)
{
    for (size_t i = 0; i < assault->n; i++) {
        const float *gradient = assault->gradient + i * assault->n_pixels;
        uint32_t n_zero = 0;
        for (size_t k = 0; k < assault->n_pixels; k++)
            n_zero += gradient[k] == 0.0f || !isfinite(gradient[k]);
        assault->batch->n_zero_pixels[assault->origin[i]] = n_zero;
    }
}

void assault_count_no_zeros(const struct assault *assault)
{
    for (size_t i = 0; i < assault->n; i++)
        assault->batch->n_zero_pixels[assault->origin[i]] = 0;
}

/* objectives ---------------------------------------------------------- */

void assault_pursue(struct assault *assault, enum objective_name name)
{
    assault->objective = assault->untargeted = &objectives[name];
}

/* By insertion; the lower class first where logits are equal, NaN last. */
static void rank(size_t n_classes, const float *logits, uint8_t *ranked)
{
    for (size_t k = 0; k < n_classes; k++) {
        size_t i = k;
        for (; i > 0 && (logits[k] > logits[ranked[i - 1]] ||
                         (isnan(logits[ranked[i - 1]]) && !isnan(logits[k])));
             i--)
            ranked[i] = ranked[i - 1];
        ranked[i] = (uint8_t)k;
    }
}

void assault_rank_classes(struct assault *assault)
{
    size_t n_classes = assault->victim->n_classes;
    for (size_t i = 0; i < assault->n; i++)
        rank(n_classes, assault->logits + i * n_classes,
             assault->ranked + i * n_classes);
}

void assault_aim(struct assault *assault, enum objective_name name, size_t i)
{
    size_t n_classes = assault->victim->n_classes;
    assault_pursue(assault, name);
    assault->objective = &objectives[objective_targeted(name)];
    for (size_t s = 0; s < assault->n; s++) {
        const uint8_t *ranked = assault->ranked + s * n_classes;
        size_t left = i, k = 0;
        while (ranked[k] == assault->labels[s] || left-- > 0)
            k++;
        assault->targets[s] = ranked[k];
    }
}

void assault_forget(const struct assault *assault, size_t first, size_t n)
{
    const struct victim *victim = assault->victim;
    if (victim->forget && n > 0)
        victim->forget(victim->self, first, n);
}

/* the best iterate ---------------------------------------------------- */

void assault_keep(struct assault *assault, size_t i)
{
    size_t n = assault->n_pixels;
    assault->best[i] = assault->score[i];
    memcpy(assault->batch->adversarial + assault->origin[i] * n,
           assault->images + i * n, n * sizeof *assault->images);
}

bool attack_score_is_better(struct attack_score a, struct attack_score b)
{
    if (a.n_wrong != b.n_wrong)
        return a.n_wrong > b.n_wrong;
    return a.loss > b.loss;
}

void assault_keep_all(struct assault *assault)
{
    for (size_t i = 0; i < assault->n; i++)
        assault_keep(assault, i);
}

void assault_keep_better(struct assault *assault)
{
    for (size_t i = 0; i < assault->n; i++)
        if (attack_score_is_better(assault->score[i], assault->best[i]))
            assault_keep(assault, i);
}

/* who stays ----------------------------------------------------------- */

bool assault_is_beaten(const struct assault *assault, size_t i)
{
    return assault->best[i].n_wrong == assault->n_draws;
}

static void move_sample(struct assault *assault, size_t from, size_t to)
{
    for (size_t k = 0; k < assault->n_columns; k++) {
        struct assault_column column = assault->columns[k];
        char *at = column.at;
        memcpy(at + to * column.n_bytes, at + from * column.n_bytes,
               column.n_bytes);
    }
}

void assault_release(struct assault *assault,
                     bool (*goes)(const struct assault *assault, size_t i))
{
    size_t n_kept = 0;
    for (size_t i = 0; i < assault->n; i++)
        if (!goes(assault, i))
            assault->kept[n_kept++] = (uint32_t)i;
    if (n_kept == assault->n)
        return;
    for (size_t i = 0; i < n_kept; i++)
        if (assault->kept[i] != i)
            move_sample(assault, assault->kept[i], i);
    assault->n = n_kept;
    if (assault->victim->keep && n_kept > 0)
        assault->victim->keep(assault->victim->self, n_kept, assault->kept);
}

void assault_release_beaten(struct assault *assault)
{
    if (!assault->all_stay)
        assault_release(assault, assault_is_beaten);
}

static bool is_still(const struct assault *assault, size_t i)
{
    return assault->epsilon[i] == 0.0f;
}

void assault_release_still(struct assault *assault)
{
    assault_release(assault, is_still);
}
