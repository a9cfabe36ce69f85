/* Where the large arrays of a model's layers lie.
 *
 * All currents lie in one region, in the order of the layers. On the way back
 * those behind the layer that is at work are done with, so gradients are put
 * there; on the way forward they have not begun, so a shortcut's currents are.
 * The last layers have little behind them: the region goes on for them. Each
 * array takes the first place that is free as long as it lives. */
#include "core/model_parts.h"

/* What the way back does at a layer, backwards. */
enum phase { PHASE_INPUT, PHASE_CURRENTS, PHASE_NEURONS, N_PHASES };

/* Lives from the moment `born` down to `last`. */
struct tenant {
    float **array; /* what will point to it */
    size_t n, at;  /* floats; from the region's begin */
    size_t born, last;
};

enum { TENANTS_MAX = 4 * NETWORK_BLOCKS_MAX };

struct plan {
    const struct model *model;
    size_t y[NETWORK_BLOCKS_MAX + 1]; /* where currents begin; their end */
    struct tenant tenants[TENANTS_MAX];
    size_t n_tenants, end;
};

/* So many floats for each image, in whole lines of the cache. Arrays that
 * follow each other do not begin at the same place of a page: a processor that
 * reads one and writes another side by side would take their lines for the
 * same. */
static size_t count_floats(const struct plan *plan, size_t n)
{
    enum { PAGE_LINES = 64, SHIFT = 23 };
    size_t n_line = ARENA_ALIGNMENT / sizeof(float);
    size_t n_lines = (plan->model->n_images * n + n_line - 1) / n_line;
    size_t beyond = n_lines % PAGE_LINES;
    return (n_lines + (PAGE_LINES + SHIFT - beyond) % PAGE_LINES) * n_line;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t moment(size_t i, enum phase phase)
{
    return N_PHASES * i + (size_t)phase;
}

/* The end of a tenant that is in the way of another at a place, or 0. */
static size_t find_obstacle(const struct plan *plan,
                            const struct tenant *tenant, size_t at)
{
    for (size_t k = 0; k < plan->n_tenants; k++) {
        const struct tenant *other = &plan->tenants[k];
        bool together =
            other->last <= tenant->born && tenant->last <= other->born;
        if (together && other->at < at + tenant->n &&
            at < other->at + other->n)
            return other->at + other->n;
    }
    return 0;
}

static void settle(struct plan *plan, struct tenant tenant, size_t first)
{
    size_t beyond;
    MUST(plan->n_tenants < TENANTS_MAX);
    tenant.at = first;
    while ((beyond = find_obstacle(plan, &tenant, tenant.at)) != 0)
        tenant.at = beyond;
    plan->tenants[plan->n_tenants++] = tenant;
    plan->end = larger(plan->end, tenant.at + tenant.n);
}

/* Of the gradients by the potentials of an image. */
static size_t count_gradients(const struct layer *layer)
{
    size_t n = layer->n_pixels * layer->spiking.n_channels;
    return model_tells_steps(layer) ? layer->spiking.n_steps * n
                                    : model_count_currents(&layer->main);
}

/* When the gradient by what a shortcut takes is wanted last. It is added to
 * that by the spikes of the layer that it takes from, on their way there, or to
 * that by its currents or by what its neurons take; or the next layer takes
 * something else, and it is all that those spikes have. */
static size_t when_taken(const struct plan *plan, const struct layer *layer)
{
    size_t from = layer->from;
    bool of_currents = model_adds_before(layer) &&
                       layer->has_shortcut == SHORTCUT_IDENTITY;
    if (of_currents)
        return moment(from, PHASE_CURRENTS);
    if (layer->join == JOIN_MEMBRANE)
        return moment(from, PHASE_NEURONS);
    bool traded = plan->model->layers[from + 1].input != from + 1;
    return traded ? moment(from, PHASE_NEURONS) : moment(from + 1, PHASE_INPUT);
}

static void settle_shortcut(struct plan *plan, struct layer *layer, size_t i)
{
    const struct model *model = plan->model;
    const struct layer *from = &model->layers[layer->from];
    size_t n_taken =
        model->n_steps * from->n_pixels * from->spiking.n_channels;
    size_t n = count_floats(plan, count_gradients(layer));
    n_taken = larger(n_taken, model_count_currents(&layer->shortcut));
    settle(plan,
           (struct tenant){.array = &layer->taken,
                           .n = larger(count_floats(plan, n_taken), n),
                           .born = moment(i, PHASE_NEURONS),
                           .last = when_taken(plan, layer)},
           plan->y[i + 1]);
    settle(plan,
           (struct tenant){.array = &layer->d_taken,
                           .n = n,
                           .born = moment(i, PHASE_CURRENTS),
                           .last = moment(i, PHASE_CURRENTS)},
           plan->y[i + 1]);
}

/* The gradient by layer i's input takes the place of its own currents, which
 * nobody needs by then, and lives until it has been handed on. */
static void settle_layer(struct plan *plan, struct layer *layer, size_t i)
{
    const struct model *model = plan->model;
    size_t before = layer->input == 0 ? 0 : layer->input - 1;
    size_t n_input = layer->input == 0 ? image_size(model->input)
                                       : model->layers[before].n_out;
    settle(plan,
           (struct tenant){.array = &layer->d_z,
                           .n = count_floats(plan, count_gradients(layer)),
                           .born = moment(i, PHASE_NEURONS),
                           .last = moment(i, PHASE_INPUT)},
           plan->y[i + 1]);
    if (layer->has_shortcut != SHORTCUT_NONE)
        settle_shortcut(plan, layer, i);
    settle(plan,
           (struct tenant){.array = &layer->d_input,
                           .n = count_floats(plan, model->n_steps * n_input),
                           .born = moment(i, PHASE_INPUT),
                           .last = layer->input == 0
                                       ? 0
                                       : moment(before, PHASE_NEURONS)},
           plan->y[i]);
}

/* From the last layer on, as the way back goes. */
static void make_plan(const struct model *model, struct plan *plan)
{
    *plan = (struct plan){.model = model};
    for (size_t i = 0; i < model->n_layers; i++) {
        const struct layer *layer = &model->layers[i];
        size_t n = model_count_currents(&layer->main);
        plan->y[i + 1] =
            plan->y[i] + (layer->shares_y ? 0 : count_floats(plan, n));
    }
    plan->end = plan->y[model->n_layers];
    for (size_t i = model->n_layers; i-- > 0;)
        settle_layer(plan, &model->layers[i], i);
}

size_t model_count_large(const struct model *model)
{
    struct plan plan;
    make_plan(model, &plan);
    return plan.end;
}

void model_bind_large(const struct model *model)
{
    struct plan plan;
    make_plan(model, &plan);
    for (size_t i = 0; i < model->n_layers; i++) {
        struct layer *layer = &model->layers[i];
        layer->y = layer->shares_y ? model->shared : model->large + plan.y[i];
    }
    for (size_t k = 0; k < plan.n_tenants; k++)
        *plan.tenants[k].array = model->large + plan.tenants[k].at;
}
