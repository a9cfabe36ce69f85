/* A PyTorch state that somebody wrote as HDF5, twisted: a convolution, its
 * normalization and the read-out. */
#include "core/data.h"
#include "io/hdf5_put.h"
#include "io/hdf5_util.h"
#include "io/state_file.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/twist.h"

enum { SIDE = 4, CHANNELS = 2, FEATURES = CHANNELS * SIDE / 2 * SIDE / 2 };

static void write_state(const char *path)
{
    static const float zeros[64];
    static const size_t kernel[4] = {CHANNELS, 1, 3, 3},
                        readout[2] = {2, FEATURES};
    hid_t file;
    MUST(hdf5_create(path, path, &file) == STATUS_OK);
    hid_t group = hdf5_make_group(file, "state_dict");
    hdf5_put_floats(group, "net.2.weight", 4, kernel, zeros);
    hdf5_put_floats(group, "net.2.bias", 1, kernel, zeros);
    hdf5_put_floats(group, "net.3.weight", 1, kernel, zeros);
    hdf5_put_floats(group, "net.3.bias", 1, kernel, zeros);
    hdf5_put_floats(group, "net.3.running_mean", 1, kernel, zeros);
    hdf5_put_floats(group, "net.3.running_var", 1, kernel, zeros);
    hdf5_put_integer(group, "net.3.num_batches_tracked", 9);
    hdf5_put_floats(group, "net.10.weight", 2, readout, zeros);
    MUST(hdf5_close(file, path) == STATUS_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char text[] =
        "network = layers; network.layers = \"2C3-AP2\"; normalization = batch";
    struct arena arena = arena_open();
    struct data_set set = {.shape = {SIDE, SIDE, 1}, .n_classes = 2};
    struct spec spec = spec_defaults(&arena);
    struct weights weights;
    const char *unused = "";
    MUST(spec_change(&spec, text, &arena) == STATUS_OK);
    twist(write_state, "state.h5", data, n);
    enum status status = state_file_read(fuzz_path("state.h5"), NULL, &spec,
                                         &set, &arena, &weights, &unused);
    MUST(n >= 4 || status == STATUS_OK);
    status_forget();
    arena_close(&arena);
    return 0;
}
