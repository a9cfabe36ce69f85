/* The digest of a text by its parts is that of the spec which spec_parse makes
 * of the whole, and what that refuses is refused. */
#include "core/spec_memo.h"
#include "tests/test.h"

#include <string.h>

static const char *const changes[] = {
    "",
    "neuron.leak = 0.5",
    "network = csnn; network.channels = [3, 4]; training.seed = 7",
    "regularizer = mpd_sgr; regularizer.weight = 0.25",
    "encoding = poisson; surrogate = atan; loss = tet",
};

static const char *const attacks[] = {
    "",
    "attack = fgsm\n",
    "attack = pgd\nattack.n_steps = 7\nattack_rule = bptr\n",
    "attack = pgd\nattack_surrogate = atan\nattack_source = own\n",
    "attack = pgd\nattack_source = cell\n"
    "attack_source.changes = \"training.seed = 9\"\n",
    "attack = pgd\nattack_rule = nobody\n",
};

static size_t n_good;

static void assert_same(struct spec_memo *memo, const char *cell,
                        const char *attack)
{
    struct arena arena = arena_open();
    struct spec spec;
    struct digest wanted = {0, 0}, found = {0, 0};
    const char *whole = arena_print(&arena, "%s\n%s", cell, attack);
    enum status status = spec_parse(whole, &spec, &arena);
    if (status == STATUS_OK)
        wanted = spec_digest(&spec);
    const char *reason = arena_copy_text(&arena, status_reason());
    status_forget();
    assert_int_equal(spec_memo_digest(memo, cell, attack, &found), status);
    assert_string_equal(status_reason(), reason);
    status_forget();
    n_good += status == STATUS_OK;
    if (!digest_equal(found, wanted))
        fail_msg("another digest of\n%s", whole);
    arena_close(&arena);
}

static const char *text_of(const char *change, bool with_asides,
                           struct arena *arena)
{
    struct spec spec = spec_defaults(arena);
    assert_int_equal(spec_change(&spec, change, arena), STATUS_OK);
    return spec_print(&spec, with_asides, arena);
}

static void parts_come_to_the_digest_of_the_whole(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec_memo memo = spec_memo_open();
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < KIND_COUNT(changes); i++)
            for (size_t k = 0; k < KIND_COUNT(attacks); k++)
                assert_same(&memo, text_of(changes[i], round > 0, &arena),
                            attacks[k]);
    assert_int_equal(n_good, 2 * KIND_COUNT(changes) *
                                 (KIND_COUNT(attacks) - 1));
    spec_memo_close(&memo);
    arena_close(&arena);
}

/* Of older programs, of other orders, and damaged ones. */
static void whatever_the_text_it_is_as_if_parsed(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\n\n",
        "neuron = lif\nneuron.leak = 0.75\n",
        "training = sgd",
        "neuron = lif\nnetwork = mlp\nneuron.leak = 0.75\n",
        "surrogate = atan\nneuron = lif\n\nnetwork = mlp\n",
        "neuron = lif\nneuron = if\n",
        "neuron = lif\nneuron.leak = 0.5\nneuron = lif\n",
        "neuron.leak = 0.5\n",
        "neuron.leak = 0.5\nneuron = lif\n",
        "neuron = nobody\n",
        "nobody = 1\n",
        "neuron = lif\nneuron.nobody = 3\n",
        "neuron = lif\nneuron.leak = much\n",
        "no equals sign\n",
        "neuron = lif\nno equals sign\n",
        "attack_rule = bptr\n",
    };
    struct spec_memo memo = spec_memo_open();
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < KIND_COUNT(texts); i++)
            for (size_t k = 0; k < KIND_COUNT(attacks); k++)
                assert_same(&memo, texts[i], attacks[k]);
    spec_memo_close(&memo);
}

/* More parts than there is room for at first. */
static void very_many_parts_are_told_apart(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec_memo memo = spec_memo_open();
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < 3000; i++) {
            struct arena own = arena_open();
            const char *text = arena_print(
                &own, "neuron = lif\nneuron.leak = %.4f\n", 1e-4 * (double)i);
            assert_same(&memo, text, "");
            arena_close(&own);
        }
    assert_true(memo.n >= 3000);
    spec_memo_close(&memo);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_come_to_the_digest_of_the_whole),
        cmocka_unit_test(whatever_the_text_it_is_as_if_parsed),
        cmocka_unit_test(very_many_parts_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
