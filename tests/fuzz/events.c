/* A recording of events, or the list of recordings: the first byte says which.
 */
#include "io/dataset_parts.h"
#include "tests/fuzz/fuzz.h"

static const char *const names[] = {"1.bs2", "2.bs2", "train1K.txt",
                                    "test100.txt"};

static void write_whole(void)
{
    static const unsigned char events[10] = {3, 4, 128, 0, 1, 5, 6, 0, 2, 0};
    static const char list[] = "# number class\n1 0\n2 1\n";
    for (size_t i = 0; i < 2; i++) {
        fuzz_write(names[i], events, sizeof events);
        fuzz_write(names[2 + i], list, sizeof list - 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const rows[][4] = {
        {"n_frames", "3", "slices", "time"},
        {"n_frames", "3", "slices", "events"}};
    if (n == 0)
        return 0;
    struct arena arena = arena_open();
    struct choice choice =
        fuzz_dataset("nmnist", &arena, rows[data[0] / 4 % 2]);
    write_whole();
    fuzz_write(names[data[0] % 4], data + 1, n - 1);
    fuzz_read_dataset(&dataset_reader_nmnist, &choice, &arena);
    arena_close(&arena);
    return 0;
}
