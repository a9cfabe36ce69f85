#include "tests/test.h"

#include "core/data.h"

static void a_byte_becomes_a_number_from_zero_to_one(void **state)
{
    (void)state;
    uint8_t images[256], labels[1] = {7}, label;
    float found[256];
    uint32_t id = 0;
    for (size_t i = 0; i < 256; i++)
        images[i] = (uint8_t)i;
    struct data_set data = {.shape = {16, 8, 2}, .n_classes = 10};
    struct split split = {1, images, labels, NULL};
    data_gather(&data, &split, 1, &id, found, &label);
    for (size_t i = 0; i < 256; i++)
        assert_true(found[i] == (float)((double)i / 255));
    assert_int_equal(label, 7);
}

static void samples_come_in_the_order_asked_for(void **state)
{
    (void)state;
    enum { N = 20, SIZE = 2 * 3 * 2 };
    uint8_t images[N * SIZE], labels[N], found_labels[6];
    float found[5 * SIZE + 1];
    uint32_t ids[5] = {19, 0, 7, 7, 3};
    for (size_t i = 0; i < N * SIZE; i++)
        images[i] = (uint8_t)i;
    for (size_t i = 0; i < N; i++)
        labels[i] = (uint8_t)(i % 4);
    struct data_set data = {.shape = {2, 3, 2}, .n_classes = 4};
    struct split split = {N, images, labels, NULL};
    assert_int_equal(image_size(data.shape), SIZE);
    found[5 * SIZE] = -1;
    found_labels[5] = 99;
    data_gather(&data, &split, 5, ids, found, found_labels);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(found_labels[i], ids[i] % 4);
        for (size_t k = 0; k < SIZE; k++)
            assert_true(found[i * SIZE + k] ==
                        (float)(ids[i] * SIZE + k) / 255);
    }
    assert_true(found[5 * SIZE] == -1 && found_labels[5] == 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_byte_becomes_a_number_from_zero_to_one),
        cmocka_unit_test(samples_come_in_the_order_asked_for),
    };
    return cmocka_run_group_tests_name("data", tests, NULL, NULL);
}
