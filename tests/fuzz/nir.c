/* A network that somebody wrote as NIR. What the HDF5 library itself makes of
 * such bytes is its own affair, and it is known to stumble: this program is not
 * among those that `make fuzz` runs by itself. */
#include "io/nir.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena arena = arena_open();
    struct nir_choices choices = {.n_steps = 2};
    struct feedforward net;
    struct nir_notes notes;
    struct spec spec = spec_defaults(&arena);
    struct weights weights;
    fuzz_write("net.nir", data, n);
    const char *path = fuzz_path("net.nir");
    if (nir_read(path, &choices, &arena, &net, &notes) != STATUS_OK ||
        feedforward_make(&net, &arena, &spec, &weights) != STATUS_OK)
        status_forget();
    arena_close(&arena);
    return 0;
}
