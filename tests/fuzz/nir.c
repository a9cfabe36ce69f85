/* A network that somebody wrote as NIR: a convolution, a pooling and a linear
 * map, twisted. */
#include "io/nir.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/twist.h"

enum { SIDE = 4, CHANNELS = 2, HIDDEN = 3, CLASSES = 2 };

static void write_net(const char *path)
{
    static float kernels[9 * CHANNELS] = {1, -1}, kernel_bias[CHANNELS],
        map[SIDE / 2 * SIDE / 2 * CHANNELS * HIDDEN] = {2}, map_bias[HIDDEN],
        readout[HIDDEN * CLASSES] = {1, 2, 3}, readout_bias[CLASSES];
    struct feedforward net = {
        .shape = {SIDE, SIDE, 1},
        .n_steps = 2,
        .n_classes = CLASSES,
        .n_layers = 2,
        .threshold = 1,
        .layers = {{.operation = BLOCK_CONVOLUTION,
                    .size = 3,
                    .stride = 1,
                    .in = {SIDE, SIDE, 1},
                    .out = {SIDE, SIDE, CHANNELS},
                    .pooled = true,
                    .weights = kernels,
                    .bias = kernel_bias,
                    .leak = 0.5,
                    .gain = 1},
                   {.operation = BLOCK_LINEAR,
                    .in = {SIDE / 2, SIDE / 2, CHANNELS},
                    .out = {1, 1, HIDDEN},
                    .weights = map,
                    .bias = map_bias,
                    .leak = 1,
                    .gain = 1}},
        .last = {1, 1, HIDDEN},
        .readout_weights = readout,
        .readout_bias = readout_bias,
    };
    struct nir_notes notes = {.dt = 1e-3, .n_steps = 2};
    MUST(nir_write(path, &net, &notes) == STATUS_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena arena = arena_open();
    struct nir_choices choices = {.n_steps = 2};
    struct feedforward net;
    struct nir_notes notes;
    struct spec spec = spec_defaults(&arena);
    struct weights weights;
    twist(write_net, "net.nir", data, n);
    const char *path = fuzz_path("net.nir");
    enum status status = nir_read(path, &choices, &arena, &net, &notes);
    MUST(n >= 4 || status == STATUS_OK);
    if (status != STATUS_OK ||
        feedforward_make(&net, &arena, &spec, &weights) != STATUS_OK)
        status_forget();
    arena_close(&arena);
    return 0;
}
