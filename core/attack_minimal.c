#include "core/attack_minimal.h"

static struct minimal_state *state_of(const struct attack *attack,
                                      const struct assault *assault, size_t i)
{
    char *at = assault->state;
    return (void *)(at + i * attack->state.n_bytes);
}

bool minimal_is_wrong(const struct assault *assault, size_t i)
{
    return assault->score[i].n_wrong == assault->n_draws;
}

struct assault minimal_open(const struct attack *attack,
                            const struct attack_common *common,
                            const struct victim *victim,
                            struct attack_batch *batch)
{
    struct assault assault = assault_open(attack, common, victim, batch);
    assault_pursue(&assault, OBJECTIVE_MARGIN);
    assault_query_gradient(&assault);
    assault_keep_all(&assault);
    assault_count_zeros(&assault);
    assault_rank_classes(&assault);
    assault_release_still(&assault);
    if (!batch->all_stay)
        assault_release(&assault, minimal_is_wrong);
    for (size_t i = 0; i < assault.n; i++)
        state_of(attack, &assault, i)->distance = (double)assault.epsilon[i];
    return assault;
}

/* An image that is exactly epsilon away counts. */
void minimal_keep_nearer(const struct attack *attack, struct assault *assault,
                         size_t i)
{
    size_t n = assault->n_pixels;
    struct minimal_state *state = state_of(attack, assault, i);
    if (!minimal_is_wrong(assault, i))
        return;
    double distance =
        norm_distance(attack->norm, n, assault->clean + i * n,
                      assault->images + i * n);
    if (distance > state->distance ||
        (state->is_won && distance == state->distance))
        return;
    state->is_won = true;
    state->distance = distance;
    assault_keep(assault, i);
}

size_t minimal_count_targets(const struct assault *assault, size_t n)
{
    size_t n_others = assault->victim->n_classes - 1;
    return n < n_others ? n : n_others;
}
