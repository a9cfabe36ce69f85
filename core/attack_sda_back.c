/* The second half of the sparse dynamic attack: by bisection, which flips a
 * sample is misclassified without. */
#include "core/attack_sda.h"

#include <math.h>

/* Draws of the flips back begin here, far from those before. */
static const uint32_t first_draw_back = 1u << 31;

/* The flips, those of the least effect first, all of them made. */
static void redo_flips(struct sparse *sparse, struct assault *assault,
                       size_t i)
{
    size_t n = assault->n_pixels, n_flips = 0, n_kept = 0;
    const float *won = sparse->won + assault->origin[i] * n;
    const float *kept =
        assault->batch->adversarial + assault->origin[i] * n;
    for (size_t k = 0; k < n; k++) {
        n_kept += kept[k] != assault->clean[i * n + k];
        if (isfinite(won[k]))
            sparse->places[n_flips++] =
                (struct sda_place){won[k], (uint32_t)k};
    }
    sda_sort_places(n_flips, sparse->places);
    for (size_t k = 0; k < n_flips; k++) {
        sda_places_of(assault, i)[k] = sparse->places[k].at;
        sda_flip(assault, i, sparse->places[k].at);
    }
    *sda_state_of(assault, i) = (struct sda_state){
        .n_places = n_flips, .n_flips = n_kept, .right = n_flips};
}

/* Of the flips the first n are undone. */
static void flip_first(struct assault *assault, size_t i, size_t n)
{
    for (size_t k = 0; k < n; k++)
        sda_flip(assault, i, sda_places_of(assault, i)[k]);
}

static size_t middle_of(const struct sda_state *state)
{
    return (state->left + state->right + 1) / 2;
}

static bool is_decided(const struct assault *assault, size_t i)
{
    return sda_state_of(assault, i)->left >= sda_state_of(assault, i)->right;
}

/* Undone are as many flips as still leave the image misclassified; `left` are
 * known to, more than `right` are known not to. */
static void halve(struct assault *assault)
{
    for (size_t i = 0; i < assault->n; i++)
        flip_first(assault, i, middle_of(sda_state_of(assault, i)));
    assault_query(assault);
    for (size_t i = 0; i < assault->n; i++) {
        struct sda_state *state = sda_state_of(assault, i);
        size_t middle = middle_of(state);
        if (!sda_is_wrong(assault, i)) {
            flip_first(assault, i, middle);
            state->right = middle - 1;
            continue;
        }
        if (state->n_places - middle < state->n_flips) {
            state->n_flips = state->n_places - middle;
            assault_keep(assault, i);
        }
        flip_first(assault, i, middle);
        state->left = middle;
    }
}

void sda_flip_back(struct sparse *sparse)
{
    struct attack_batch batch = *sparse->assault.batch;
    batch.skip = sparse->skip;
    struct assault assault =
        assault_open(&attack_sda, &sparse->sda->common,
                     sparse->assault.victim, &batch);
    assault_pursue(&assault, OBJECTIVE_MARGIN);
    assault.next_draw = first_draw_back;
    for (size_t i = 0; i < assault.n; i++)
        redo_flips(sparse, &assault, i);
    assault_release(&assault, is_decided);
    while (assault.n > 0) {
        halve(&assault);
        assault_release(&assault, is_decided);
    }
}
