#include "tests/bench_work.h"

#include <stdbool.h>
#include <string.h>

const char *const bench_work_names[WORK_N] = {
    [WORK_PRODUCTS] = "forward, matrix products",
    [WORK_DIRECT] = "forward, dense convolutions directly",
    [WORK_LISTS] = "forward, by lists of spikes",
    [WORK_LISTING] = "listing what is not zero (all passes)",
    [WORK_WEIGHTS_LISTS] = "gradient of weights, by lists",
    [WORK_WEIGHTS_PRODUCTS] = "gradient of weights, matrix products",
    [WORK_INPUT] = "gradient by the input",
    [WORK_NEURONS_FORWARD] = "neurons, norm, pooling: forward",
    [WORK_NEURONS_BACKWARD] = "neurons, norm, pooling: backward",
    [WORK_STATISTICS] = "norm's statistics and gradient",
    [WORK_OPTIMIZER] = "optimizer",
    [WORK_ENCODING] = "encoding",
    [WORK_ATTACK] = "the attack's own steps",
    [WORK_REST] = "rest",
};

/* When a rule holds: always, or in a pass backward only. */
enum pass { ANY, BACKWARD };

/* The first rule that holds for any call of the chain tells the kind of work.
 * A name stands for all that begin with it; with ".c" at its end it is the
 * file of a static function. */
static const struct rule {
    enum pass pass;
    const char *name;
    enum bench_work work;
} rules[] = {
    {ANY, "listing_", WORK_LISTING},
    {ANY, "list_", WORK_LISTING},
    {ANY, "sparse_load", WORK_LISTING},
    {ANY, "sparse_linear_density", WORK_LISTING},
    {ANY, "sparse_backward_weights", WORK_WEIGHTS_LISTS},
    {ANY, "sparse_linear_backward_weights", WORK_WEIGHTS_LISTS},
    {ANY, "operation_backward", WORK_WEIGHTS_PRODUCTS},
    {ANY, "linalg_product_left_transposed", WORK_WEIGHTS_PRODUCTS},
    {ANY, "product_of_columns", WORK_WEIGHTS_PRODUCTS},
    {BACKWARD, "operation_", WORK_INPUT},
    {BACKWARD, "operation.c", WORK_INPUT},
    {BACKWARD, "winograd", WORK_INPUT},
    {BACKWARD, "spread", WORK_INPUT},
    {BACKWARD, "linalg_", WORK_INPUT},
    {BACKWARD, "product", WORK_INPUT},
    {BACKWARD, "product.c", WORK_INPUT},
    {BACKWARD, "pairs", WORK_INPUT},
    {ANY, "sparse", WORK_LISTS},
    {ANY, "direct_forward", WORK_DIRECT},
    {ANY, "direct.c", WORK_DIRECT},
    {ANY, "linalg_", WORK_PRODUCTS},
    {ANY, "product", WORK_PRODUCTS},
    {ANY, "product.c", WORK_PRODUCTS},
    {ANY, "operation_forward_dense", WORK_PRODUCTS},
    {ANY, "operation_dense.c", WORK_PRODUCTS},
    {ANY, "libblis", WORK_PRODUCTS},
    {ANY, "operation_", WORK_DIRECT}, /* padding, mostly */
    {ANY, "batch_norm", WORK_STATISTICS},
    {ANY, "spiking_backward", WORK_NEURONS_BACKWARD},
    {ANY, "spiking", WORK_NEURONS_FORWARD},
    {ANY, "sgd", WORK_OPTIMIZER},
    {ANY, "optimizer.c", WORK_OPTIMIZER},
    {ANY, "encod", WORK_ENCODING},
    {ANY, "encoding.c", WORK_ENCODING},
    {ANY, "model_", WORK_REST},
    {ANY, "attack", WORK_ATTACK},
    {ANY, "attack_gradient.c", WORK_ATTACK},
};

static bool is_named(const struct bench_symbol *symbol, const char *name)
{
    size_t n = strlen(name);
    if (n > 2 && strcmp(name + n - 2, ".c") == 0)
        return strcmp(symbol->file, name) == 0;
    return strncmp(symbol->name, name, n) == 0;
}

static bool is_called(const struct bench_symbol *chain, size_t n,
                      const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (is_named(&chain[i], name))
            return true;
    return false;
}

/* What a backward pass computes anew belongs to forward work. */
static bool is_backward(const struct bench_symbol *chain, size_t n)
{
    return is_called(chain, n, "model_backward") &&
           !is_called(chain, n, "model_run_shortcut");
}

static enum bench_work find_work(const struct bench_symbol *chain, size_t n)
{
    bool backward = is_backward(chain, n);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if ((rules[i].pass == ANY || backward) &&
            is_called(chain, n, rules[i].name))
            return rules[i].work;
    return WORK_REST;
}

void bench_profile_share(const struct bench_profile *profile,
                         const struct bench_symbols *symbols,
                         double shares[WORK_N])
{
    memset(shares, 0, WORK_N * sizeof *shares);
    for (size_t i = 0; i < profile->n; i++) {
        struct bench_symbol chain[WORK_DEPTH_MAX];
        size_t n = 0;
        for (; n < WORK_DEPTH_MAX && profile->chain[i][n]; n++)
            chain[n] = bench_symbols_find(symbols, profile->chain[i][n]);
        shares[find_work(chain, n)] += 1.0 / (double)profile->n;
    }
}
