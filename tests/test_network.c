/* The published architectures, by their parameters; and networks that are
 * written out. */
#include "tests/test.h"

#include "core/model.h"
#include "tests/small_net.h"

#include <string.h>

/* Of images of 32 x 32 x 3 in 10 classes. */
static size_t count_parameters(const char *text)
{
    struct arena arena = arena_open();
    struct spec spec = small_spec(text, &arena);
    const char *objection = spec_objection(&spec, &arena);
    struct data_set data = {.shape = {32, 32, 3}, .n_classes = 10};
    if (objection)
        fail_msg("%s: %s", text, objection);
    size_t n = model_count_parameters(&spec, &data);
    arena_close(&arena);
    return n;
}

/* Convolutions without biases, two parameters of the norm a channel. Counts of
 * well-known PyTorch implementations for CIFAR-10; of VGG they have a bias a
 * channel more, which a norm makes superfluous: 14,728,266 - 4,224 and
 * 9,231,114 - 2,752. */
static void architectures_have_their_parameters(void **state)
{
    (void)state;
    assert_int_equal(count_parameters("network = resnet18\n"), 11173962);
    assert_int_equal(count_parameters("network = vgg16\n"), 14724042);
    assert_int_equal(count_parameters("network = vgg11\n"), 9228362);
    assert_int_equal(
        count_parameters("network = wrn16\nnetwork.order = pre\n"), 2748890);
}

static size_t square(size_t size, size_t n_in, size_t n_out)
{
    return size * size * n_in * n_out + 2 * n_out;
}

/* Layer by layer, as the papers have them. */
static void the_others_add_up(void **state)
{
    (void)state;
    size_t vgg9 = square(3, 3, 64) + square(3, 64, 64) + square(3, 64, 128) +
                  square(3, 128, 128) + square(3, 128, 256) +
                  2 * square(3, 256, 256) + (4 * 4 * 256 + 1) * 1024 +
                  1025 * 10;
    size_t rat = square(3, 3, 64) + square(3, 64, 128) + square(3, 128, 256) +
                 square(3, 256, 512) + 4 * square(3, 512, 512) +
                 8193 * 4096 + 4097 * 4096 + 4097 * 10;
    size_t rat16 = 14724042 - 513 * 10 + 513 * 4096 + 4097 * 4096 + 4097 * 10;
    size_t resnet19 = square(3, 3, 128) + 6 * square(3, 128, 128) +
                      square(3, 128, 256) + 5 * square(3, 256, 256) +
                      square(1, 128, 256) + square(3, 256, 512) +
                      3 * square(3, 512, 512) + square(1, 256, 512) +
                      513 * 10;
    assert_int_equal(count_parameters("network = vgg9\n"
                                      "network.hidden_width = 1024\n"),
                     vgg9);
    assert_int_equal(count_parameters("network = vgg11_rat\n"), rat);
    assert_int_equal(count_parameters("network = vgg16_rat\n"), rat16);
    static const char *const shortcuts[] = {"current", "sew_add", "sew_and",
                                            "sew_iand", "membrane"};
    for (size_t i = 0; i < 5; i++) {
        struct arena arena = arena_open();
        assert_int_equal(
            count_parameters(arena_print(
                &arena, "network = resnet19\nnetwork.shortcut = %s\n",
                shortcuts[i])),
            resnet19);
        assert_int_equal(
            count_parameters(arena_print(
                &arena, "network = resnet18\nnetwork.shortcut = %s\n",
                shortcuts[i])),
            11173962);
        arena_close(&arena);
    }
}

static void expect_same(const char *name, const char *layers)
{
    struct arena arena = arena_open();
    struct block named[NETWORK_BLOCKS_MAX] = {{0}},
                 written[NETWORK_BLOCKS_MAX] = {{0}};
    struct spec spec = small_spec(name, &arena);
    struct spec other = small_spec(
        arena_print(&arena, "network = layers\nnetwork.layers = \"%s\"\n",
                    layers),
        &arena);
    const struct choice *a = &spec.at[SPEC_NETWORK];
    const struct choice *b = &other.at[SPEC_NETWORK];
    assert_null(spec_objection(&other, &arena));
    size_t n = network_of(a->kind)->describe(a->params, named);
    assert_int_equal(network_of(b->kind)->describe(b->params, written), n);
    assert_memory_equal(named, written, sizeof named);
    arena_close(&arena);
}

static void a_written_network_is_the_named_one(void **state)
{
    (void)state;
    expect_same("network = csnn\n", "32C3-AP2-64C3-AP2-128FC");
    expect_same("network = mlp\nnetwork.hidden = [8, 9]\n", "8FC-9FC");
    expect_same("network = vgg16_rat\nnetwork.width = 2\n"
                "network.hidden_width = 7\n",
                "2C3-2C3-AP2-4C3-4C3-AP2-8C3-8C3-8C3-AP2-16C3-16C3-16C3-AP2-"
                "16C3-16C3-16C3-AP2-7FC-7FC");
    expect_same("network = vgg9\nnetwork.width = 3\nnetwork.pool = max\n"
                "network.hidden_width = 7\n",
                "3C3-3C3-MP2-6C3-6C3-MP2-12C3-12C3-12C3-MP2-7FC");
    assert_int_equal(
        count_parameters("network = layers\n"
                         "network.layers = \"4C1-5C3S2-6C1S2-7FC\"\n"),
        square(1, 3, 4) + square(3, 4, 5) + square(1, 5, 6) +
            (8 * 8 * 6 + 1) * 7 + 80);
}

static void what_is_not_understood_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",        "AP2",       "8FC-AP2",     "4C3-AP2-MP2", "8FC-4C3",
        "4C5",     "C3",        "0C3",         "4C3-",        "4C3--8FC",
        "4c3",     "-4C3",      "4C3 8FC",     "70000FC",     "4C3S3",
        "4C3-AP3", "4C3-8FCx", "4C3AP2",      "+4C3",        "4FCFC"};
    struct arena arena = arena_open();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct spec spec = small_spec(
            arena_print(&arena, "network = layers\nnetwork.layers = \"%s\"\n",
                        wrong[i]),
            &arena);
        const char *objection = spec_objection(&spec, &arena);
        if (!objection || !strstr(objection, "64C3-AP2"))
            fail_msg("\"%s\": %s", wrong[i], objection ? objection : "taken");
    }
    arena_close(&arena);
}

static void more_layers_than_there_is_room_for_are_refused(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const char *layers = "2FC";
    for (size_t n = 1; n <= NETWORK_BLOCKS_MAX + 1; n++) {
        struct spec spec = small_spec(
            arena_print(&arena, "network = layers\nnetwork.layers = \"%s\"\n",
                        layers),
            &arena);
        assert_true((spec_objection(&spec, &arena) == NULL) ==
                    (n <= NETWORK_BLOCKS_MAX));
        layers = arena_print(&arena, "%s-2FC", layers);
    }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(architectures_have_their_parameters),
        cmocka_unit_test(the_others_add_up),
        cmocka_unit_test(a_written_network_is_the_named_one),
        cmocka_unit_test(what_is_not_understood_is_refused),
        cmocka_unit_test(more_layers_than_there_is_room_for_are_refused),
    };
    return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
