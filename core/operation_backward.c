/* The gradient of an operation's weights. Workers share its rows: each adds up
 * what all images give to some of them, image by image, as one alone would. */
#include "core/linalg.h"
#include "core/operation_parts.h"

/* A run of images, as the workers see it. */
struct work {
    const struct operation *operation;
    const struct source *source;
    const float *d_out;
    struct image_range range;
    float *d_weights;
    struct run run;
    size_t n_units;
};

/* by products --------------------------------------------------------- */

/* Rows that are worked on together. Where a sum depends on their number they
 * are cut in one way only. */
enum { ROWS = 192, ROWS_MIN = 48 };

static size_t count_units(const struct operation *operation,
                          const struct team *team)
{
    size_t n_rows = operation_fan_in(operation);
    return linalg_sums_alone(operation->n_out)
               ? team_count_shares(team, (n_rows + ROWS_MIN - 1) / ROWS_MIN)
               : (n_rows + ROWS - 1) / ROWS;
}

static void add_products(void *self, size_t worker, size_t unit)
{
    const struct work *work = self;
    const struct operation *own = operation_own(work->operation, worker);
    struct team_share rows =
        team_share_of(operation_fan_in(own), work->n_units, unit);
    operation_backward_dense(own, work->source, work->d_out, work->range,
                             operation_lines_of(own, &work->run), rows,
                             work->d_weights);
}

/* by lists ------------------------------------------------------------ */

/* Inputs are listed in blocks anyway; a share is some of these. */
enum { INPUTS = 64 };

static void add_linear(void *self, size_t worker, size_t unit)
{
    const struct work *work = self;
    const struct operation *own = operation_own(work->operation, worker);
    size_t n_blocks = (own->n_in + INPUTS - 1) / INPUTS;
    struct team_share blocks = team_share_of(n_blocks, work->n_units, unit);
    struct team_share inputs = {blocks.first * INPUTS, blocks.n * INPUTS};
    struct sparse_rows rows =
        operation_rows_of(own, work->source, work->range, &work->run);
    if (inputs.first + inputs.n > own->n_in)
        inputs.n = own->n_in - inputs.first;
    sparse_linear_backward_weights(
        &own->linear, &rows, inputs,
        work->d_out + operation_image_at(own, work->range, work->run.first),
        work->d_weights);
}

/* Images come in groups that are gathered and then added together: as many
 * groups at once as there are workers, each in the scratch of one. */
static struct team_share group_at(const struct work *work, size_t unit)
{
    size_t n = work->operation->sparse.n_slots, first = unit * n;
    size_t left = work->run.n - first;
    return (struct team_share){first, left < n ? left : n};
}

static void gather_group(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct work *work = self;
    const struct operation *own = operation_own(work->operation, unit);
    struct team_share group = group_at(work, unit);
    for (size_t slot = 0; slot < group.n; slot++) {
        size_t image = work->run.first + group.first + slot;
        operation_load_lists(own, work->source, work->range, image);
        sparse_gather(&own->sparse, slot,
                      work->d_out +
                          operation_image_at(own, work->range, image));
    }
}

static size_t count_groups(const struct work *work)
{
    size_t n = work->operation->sparse.n_slots;
    return (work->run.n + n - 1) / n;
}

/* The rows of some channels, of all images that are gathered. */
static void add_channels(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct work *work = self;
    struct team_share channels =
        team_share_of(work->operation->n_in, work->n_units, unit);
    for (size_t i = 0; i < count_groups(work); i++)
        sparse_backward_weights(&operation_own(work->operation, i)->sparse,
                                group_at(work, i).n, channels,
                                work->d_weights);
}

static void add_convolution(const struct team *team, struct work *work)
{
    struct run all = work->run;
    work->n_units = team_count_shares(team, work->operation->n_in);
    for (size_t i = 0; i < all.n; i += work->run.n) {
        size_t left = all.n - i;
        size_t n = work->operation->sparse.n_slots * team->n_workers;
        work->run.first = all.first + i;
        work->run.n = left < n ? left : n;
        team_run(team, count_groups(work), work, gather_group);
        team_run(team, work->n_units, work, add_channels);
    }
}

static void add_by_lists(const struct team *team, struct work *work)
{
    if (work->operation->kind == BLOCK_CONVOLUTION) {
        add_convolution(team, work);
        return;
    }
    work->n_units = team_count_shares(
        team, (work->operation->n_in + INPUTS - 1) / INPUTS);
    team_run(team, work->n_units, work, add_linear);
}

void operation_backward_weights(const struct operation *operation,
                                const struct team *team,
                                const struct source *source,
                                const float *d_out, struct image_range range,
                                float *d_weights)
{
    struct work work = {operation, source,      d_out, range,
                        d_weights, {0, 0, false}, 0};
    size_t n = operation_count_images(operation, range);
    struct run run;
    for (size_t i = 0; i < n; i += run.n) {
        run = operation_run_at(operation, source, operation->densest_weights,
                               range, i);
        work.run = run;
        if (run.by_lists) {
            add_by_lists(team, &work);
        } else {
            work.n_units = count_units(operation, team);
            team_run(team, work.n_units, &work, add_products);
        }
    }
}
