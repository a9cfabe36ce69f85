/* Several attacks one after the other, each on the samples that are still
 * right: the worst case over attacks, sample by sample. */
#include "core/attack_parts.h"

#include <string.h>

struct autoattack {
    struct attack_common common;
    size_t n_steps, n_targets, n_queries;
};

/* members ------------------------------------------------------------- */

enum { SETTINGS_MAX = 4 };

/* An attack with some parameters: of the ensemble's row of that name if there
 * is a `row`, else the value. All else is at the attack's defaults. */
struct member {
    const struct attack *attack;
    struct {
        const char *name, *value, *row;
    } settings[SETTINGS_MAX];
};

/* Of the standard version; the targeted ones go through all other classes if
 * there are fewer. */
static const struct member members[] = {
    {&attack_apgd,
     {{"objective", "ce", NULL}, {"n_steps", NULL, "n_steps"}}},
    {&attack_apgd,
     {{"objective", "dlr", NULL},
      {"n_steps", NULL, "n_steps"},
      {"n_targets", NULL, "n_targets"}}},
    {&attack_fab,
     {{"n_iterations", NULL, "n_steps"}, {"n_targets", NULL, "n_targets"}}},
    {&attack_square, {{"n_queries", NULL, "n_queries"}}},
};

/* In the arena; what all attacks begin with is the ensemble's. */
static void *params_of_member(const struct autoattack *autoattack,
                              const struct member *member,
                              struct arena *arena)
{
    const struct kind *own = &attack_autoattack.kind;
    const struct kind *kind = &member->attack->kind;
    void *params = kind_defaults(kind, arena);
    memcpy(params, &autoattack->common, sizeof autoattack->common);
    for (size_t i = 0; i < SETTINGS_MAX && member->settings[i].name; i++) {
        const char *value = member->settings[i].value;
        if (!value)
            value = row_print(kind_find_row(own, member->settings[i].row),
                              autoattack, arena);
        MUST(row_set(kind_find_row(kind, member->settings[i].name), value,
                     params, arena) == STATUS_OK);
    }
    return params;
}

/* the victim, to a member --------------------------------------------- */

/* Draws of a member are those of no other and none of the ensemble's own. */
enum { DRAWS_OF_MEMBER_BITS = 28 };

struct facade {
    const struct victim *victim;
    uint32_t first_draw;
};

static void facade_ask(void *self, const struct query *query)
{
    const struct facade *facade = self;
    struct query passed = *query;
    passed.draw += facade->first_draw;
    facade->victim->ask(facade->victim->self, &passed);
}

static void facade_keep(void *self, size_t n, const uint32_t *kept)
{
    const struct victim *victim = ((struct facade *)self)->victim;
    victim->keep(victim->self, n, kept);
}

static void facade_forget(void *self, size_t first, size_t n)
{
    const struct victim *victim = ((struct facade *)self)->victim;
    victim->forget(victim->self, first, n);
}

static struct victim victim_behind(struct facade *facade)
{
    struct victim victim = *facade->victim;
    victim.self = facade;
    victim.ask = facade_ask;
    victim.keep = victim.keep ? facade_keep : NULL;
    victim.forget = victim.forget ? facade_forget : NULL;
    return victim;
}

/* the ensemble -------------------------------------------------------- */

struct ensemble {
    const struct autoattack *autoattack;
    struct assault assault;
    float *found;            /* [n of the batch][n_pixels] by a member */
    bool *skip;              /* [n of the batch] */
    uint32_t *n_zero_pixels; /* [n of the batch] that a member counts */
    /* Passes of members in a rehearsal, and what they would be in all. */
    double n_made, n_whole;
};

static struct ensemble open_ensemble(const struct autoattack *autoattack,
                                     const struct victim *victim,
                                     struct attack_batch *batch)
{
    struct arena *arena = batch->scratch;
    size_t n = batch->n;
    return (struct ensemble){
        .autoattack = autoattack,
        .assault = assault_open(&attack_autoattack, &autoattack->common,
                                victim, batch),
        .found = ARENA_ARRAY(arena, float, n * batch->n_pixels),
        .skip = ARENA_ARRAY(arena, bool, n),
        .n_zero_pixels = ARENA_ARRAY(arena, uint32_t, n),
    };
}

/* Forward and backward, of all samples. */
static double count_passes(const struct attack_batch *batch)
{
    double n_passes = 0;
    for (size_t i = 0; batch->n_forward && i < batch->n; i++)
        n_passes += (double)batch->n_forward[i] + (double)batch->n_backward[i];
    return n_passes;
}

/* With its own scratch, which is given back. */
static void run_member(struct ensemble *ensemble, size_t i_member)
{
    const struct member *member = &members[i_member];
    struct assault *assault = &ensemble->assault;
    struct facade facade = {assault->victim,
                            (uint32_t)(2 * i_member + 1)
                                << DRAWS_OF_MEMBER_BITS};
    struct victim victim = victim_behind(&facade);
    struct attack_batch batch = *assault->batch;
    struct arena arena = arena_open(), scratch = arena_open();
    memset(ensemble->skip, true, batch.n * sizeof *ensemble->skip);
    for (size_t i = 0; i < assault->n; i++)
        ensemble->skip[assault->origin[i]] = false;
    batch.skip = ensemble->skip;
    batch.adversarial = ensemble->found;
    batch.n_zero_pixels = ensemble->n_zero_pixels;
    batch.scratch = &scratch;
    batch.share = 1;
    double n_before = count_passes(&batch);
    member->attack->run(
        params_of_member(ensemble->autoattack, member, &arena), &victim,
        &batch);
    double n_made = count_passes(&batch) - n_before;
    ensemble->n_made += n_made;
    ensemble->n_whole += n_made / batch.share;
    arena_close(&scratch);
    arena_close(&arena);
}

/* What the member found is a candidate, if it lies in the ball: those who look
 * for the smallest perturbation may have left it. */
static void take_found(struct ensemble *ensemble)
{
    struct assault *assault = &ensemble->assault;
    size_t n = assault->n_pixels;
    for (size_t i = 0; i < assault->n; i++) {
        const float *clean = assault->clean + i * n;
        const float *found = ensemble->found + assault->origin[i] * n;
        bool is_in = norm_distance(NORM_LINF, n, clean, found) <=
                     (double)assault->epsilon[i];
        memcpy(assault->images + i * n, is_in ? found : clean,
               n * sizeof *found);
    }
}

static void ask_about_found(struct ensemble *ensemble, size_t i_member)
{
    struct assault *assault = &ensemble->assault;
    assault_forget(assault, 0, assault->n);
    assault->next_draw = (uint32_t)(2 * i_member + 2) << DRAWS_OF_MEMBER_BITS;
    take_found(ensemble);
    assault_query(assault);
    assault_keep_better(assault);
    assault_release_beaten(assault);
}

static void autoattack_run(const void *params, const struct victim *victim,
                           struct attack_batch *batch)
{
    struct ensemble ensemble = open_ensemble(params, victim, batch);
    struct assault *assault = &ensemble.assault;
    assault_query_gradient(assault);
    assault_keep_all(assault);
    assault_count_zeros(assault);
    assault_release_still(assault);
    assault_release_beaten(assault);
    for (size_t i = 0; i < KIND_COUNT(members) && assault->n > 0; i++) {
        run_member(&ensemble, i);
        ask_about_found(&ensemble, i);
    }
    if (batch->all_stay && ensemble.n_whole > 0)
        batch->share = ensemble.n_made / ensemble.n_whole;
}

/* Members have it one after the other. */
static size_t autoattack_memory(const void *params,
                                const struct victim *victim)
{
    size_t largest = 0;
    struct arena arena = arena_open(), own = arena_open_counting();
    struct attack_batch batch = {.n = victim->n_max,
                                 .n_pixels = victim->n_pixels,
                                 .scratch = &own};
    open_ensemble(params, victim, &batch);
    for (size_t i = 0; i < KIND_COUNT(members); i++) {
        size_t n_bytes = attack_memory(
            members[i].attack, params_of_member(params, &members[i], &arena),
            victim);
        largest = n_bytes > largest ? n_bytes : largest;
    }
    arena_close(&arena);
    return own.n_bytes + largest;
}

static const struct row autoattack_rows[] = {
    ATTACK_PIXEL_ROWS,
    ATTACK_NESTED_ROWS,
    {.name = "n_steps", .unit = "1", .doc = "of each attack that follows a gradient",
     .type = ROW_COUNT, .fallback = "100", .minimum = 1, .maximum = 100000,
     .offset = offsetof(struct autoattack, n_steps)},
    {.name = "n_targets", .unit = "1",
     .doc = "classes that the targeted attacks aim at, those that the clean image's logits rank "
            "next; all others if there are fewer",
     .type = ROW_COUNT, .fallback = "9", .minimum = 1, .maximum = 255,
     .offset = offsetof(struct autoattack, n_targets)},
    {.name = "n_queries", .unit = "1", .doc = "of the Square attack",
     .type = ROW_COUNT, .fallback = "5000", .minimum = 1, .maximum = 1e8,
     .offset = offsetof(struct autoattack, n_queries)},
};

const struct attack attack_autoattack = {
    .kind = {.name = "autoattack",
             .doc = "AutoAttack: APGD on cross-entropy, targeted APGD on the difference of logits "
                    "ratio, targeted FAB, Square; each on the samples that are still right",
             .cite = "Croce and Hein, ICML 2020 (arXiv 2003.01690), sec. 5; standard version of "
                     "its code",
             .rows = autoattack_rows,
             .n_rows = KIND_COUNT(autoattack_rows),
             .params_size = sizeof(struct autoattack),
             .applies = attack_nested_applies},
    .norm = NORM_LINF,
    .gradient = true,
    .memory = autoattack_memory,
    .run = autoattack_run,
};
