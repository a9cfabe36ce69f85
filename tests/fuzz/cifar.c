/* The test file of CIFAR-10: records of a label and 3072 bytes. */
#include "io/dataset_parts.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const none[4];
    static const char *const names[] = {
        "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
        "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};
    static const unsigned char two[2 * 3073] = {1};
    struct arena arena = arena_open();
    struct choice choice = fuzz_dataset("cifar10", &arena, none);
    for (size_t i = 0; i < 6; i++)
        fuzz_write(names[i], i == n % 6 ? data : two,
                   i == n % 6 ? n : sizeof two);
    fuzz_read_dataset(&dataset_reader_cifar10, &choice, &arena);
    arena_close(&arena);
    return 0;
}
