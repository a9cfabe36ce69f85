/* Attacks that are made on another network than they are judged on. */
#include "core/attack_source.h"
#include "core/model.h"
#include "tests/small_net.h"
#include "tests/small_trial.h"
#include "tests/test.h"

#include <string.h>

#define PGD                                                                    \
    "attack = pgd\nattack.n_steps = 5\nattack.epsilons = [0, 0.1, 0.3]\n"     \
    "attack.keep_going = true\n"
#define FROM(changes)                                                          \
    "attack_source = cell\nattack_source.changes = \"" changes "\"\n"

/* specs --------------------------------------------------------------- */

static struct digest digest_of_text(const char *text)
{
    struct arena arena = arena_open();
    struct spec spec = small_spec(text, &arena);
    struct digest digest = spec_digest(&spec);
    arena_close(&arena);
    return digest;
}

static void its_own_network_is_no_part_of_the_identity(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = small_spec(SMALL_MLP PGD, &arena);
    assert_string_equal(spec.at[SPEC_ATTACK_SOURCE].kind->name, "own");
    assert_false(attack_source_is_other(&spec));
    struct digest digest = spec_digest(&spec);
    spec.at[SPEC_ATTACK_SOURCE] = (struct choice){NULL, NULL};
    assert_true(digest_equal(digest, spec_digest(&spec)));
    arena_close(&arena);
}

static void the_source_is_the_cell_with_the_changes(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = small_spec(
        SMALL_MLP PGD FROM("surrogate = atan; surrogate.slope = 3; "
                           "training.seed = 7"),
        &arena);
    struct spec source, cell;
    assert_int_equal(attack_source_find(&spec, &source, &arena), STATUS_OK);
    cell = spec_without_attack(source);
    assert_true(digest_equal(
        spec_digest(&cell),
        digest_of_text(SMALL_MLP "surrogate = atan\nsurrogate.slope = 3\n"
                                 "training.seed = 7\n")));
    assert_false(attack_source_is_other(&source));
    assert_ptr_equal(source.at[SPEC_ATTACK].params,
                     spec.at[SPEC_ATTACK].params);
    /* What is changed was copied first. */
    cell = spec_without_attack(spec);
    assert_true(digest_equal(spec_digest(&cell), digest_of_text(SMALL_MLP)));
    arena_close(&arena);
}

/* The digest of the source's training is in the text of the identity. */
static void the_identity_names_the_sources_digest(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    char text[DIGEST_TEXT_SIZE];
    struct spec spec =
        small_spec(SMALL_MLP PGD FROM("training.seed = 7"), &arena);
    const char *identity = spec_print_identity(&spec, &arena);
    digest_print(digest_of_text(SMALL_MLP "training.seed = 7\n"), text);
    assert_non_null(strstr(
        identity, arena_print(&arena, "attack_source.network = %s\n", text)));
    struct spec again;
    assert_int_equal(spec_parse(spec_print(&spec, true, &arena), &again,
                                &arena),
                     STATUS_OK);
    assert_true(digest_equal(spec_digest(&again), spec_digest(&spec)));
    arena_close(&arena);
}

static void what_no_source_can_be_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        {SMALL_MLP PGD FROM("regularizer.weight = 1"), "no parameter weight"},
        {SMALL_MLP PGD FROM("neuron = lof"), "no such kind"},
        {SMALL_MLP PGD FROM("dataset.n_train = 8"), "one dataset"},
        {SMALL_MLP PGD FROM("training = dummy"), "no network"},
        {SMALL_MLP PGD FROM("training.seed = 2")
             "attack_source.analog = true\n", "no conversion"},
    };
    for (size_t i = 0; i < KIND_COUNT(cases); i++) {
        struct arena arena = arena_open();
        struct spec spec = small_spec(cases[i].text, &arena), source;
        assert_int_equal(attack_source_find(&spec, &source, &arena),
                         STATUS_INVALID);
        assert_non_null(strstr(status_reason(), cases[i].part));
        status_forget();
        arena_close(&arena);
    }
}

/* attacks ------------------------------------------------------------- */

struct judged {
    struct arena arena;
    struct spec spec;
    struct record record;
    size_t n_bytes;
};

static void judge(const struct small_trial *trial, const char *text,
                  const struct weights *source, struct judged *judged)
{
    *judged = (struct judged){.arena = arena_open()};
    struct small_watch watch = {0};
    struct trial_hooks hooks = small_hooks(&watch);
    struct trial_networks networks = {trial->weights, {0, NULL}};
    if (source)
        networks.source = *source;
    judged->spec = small_spec(text, &judged->arena);
    size_t before = judged->arena.n_bytes;
    assert_int_equal(trial_transfer_part(&judged->spec, &trial->data,
                                         (struct span){0}, &networks, &hooks,
                                         &judged->arena, &judged->record),
                     STATUS_OK);
    judged->n_bytes = judged->arena.n_bytes - before;
}

static void made_on_itself_it_is_the_white_box_attack_bit_for_bit(void **state)
{
    (void)state;
    struct small_trial trial;
    struct judged white, other;
    small_trial_train(&trial, SMALL_CSNN);
    judge(&trial, SMALL_CSNN PGD, NULL, &white);
    judge(&trial, SMALL_CSNN PGD FROM("training.seed = 1"), &trial.weights,
          &other);
    assert_true(digest_equal(record_digest(&white.record),
                             record_digest(&other.record)));
    assert_true(other.n_bytes > white.n_bytes);
    struct trial_means means = {0};
    assert_true(trial_memory(&other.spec, &trial.data, means) >
                trial_memory(&white.spec, &trial.data, means));
    arena_close(&white.arena);
    arena_close(&other.arena);
    small_trial_close(&trial);
}

#define BIM                                                                    \
    "attack = bim\nattack.n_steps = 5\nattack.epsilons = [0, 0.1, 0.3]\n"     \
    "attack.keep_going = true\n"
#define OTHER SMALL_CSNN "training.seed = 9\n"

static void assert_same_u32(const struct record *a, const struct record *b,
                            enum record_field field)
{
    size_t n = a->extent[DIM_EPSILON] * a->extent[DIM_SAMPLE];
    assert_memory_equal(record_u32(a, field), record_u32(b, field),
                        n * sizeof(uint32_t));
}

/* An attack without random numbers asks the source what it asks it as a white
 * box, and makes the same images; the verdict is the other network's. */
static void the_source_is_asked_and_the_cell_judges(void **state)
{
    (void)state;
    struct small_trial target, source;
    struct judged transfer, on_source, on_target;
    small_trial_train(&target, SMALL_CSNN);
    small_trial_train(&source, OTHER);
    judge(&target, SMALL_CSNN BIM FROM("training.seed = 9"), &source.weights,
          &transfer);
    judge(&source, OTHER BIM, NULL, &on_source);
    judge(&target, SMALL_CSNN BIM, NULL, &on_target);
    assert_same_u32(&transfer.record, &on_source.record, FIELD_SAMPLE_FORWARD);
    assert_same_u32(&transfer.record, &on_source.record, FIELD_SAMPLE_BACKWARD);
    size_t n = transfer.record.extent[DIM_SAMPLE];
    const double *far = record_f64(&transfer.record, FIELD_DISTANCE_MAX);
    const double *accuracy =
        record_f64(&transfer.record, FIELD_ROBUST_ACCURACY);
    assert_memory_equal(far,
                        record_f64(&on_source.record, FIELD_DISTANCE_MAX),
                        3 * sizeof *far);
    assert_memory_equal(
        record_u8(&transfer.record, FIELD_ROBUST_PREDICTION),
        record_u8(&on_target.record, FIELD_ROBUST_PREDICTION), n);
    assert_true(memcmp(record_u8(&transfer.record, FIELD_ROBUST_PREDICTION),
                       record_u8(&on_source.record, FIELD_ROBUST_PREDICTION),
                       3 * n) != 0);
    /* what moves one network moves its like */
    assert_true(accuracy[2] < accuracy[0]);
    arena_close(&transfer.arena);
    arena_close(&on_source.arena);
    arena_close(&on_target.arena);
    small_trial_close(&target);
    small_trial_close(&source);
}

static void weights_of_another_shape_are_refused(void **state)
{
    (void)state;
    struct small_trial trial;
    struct arena arena = arena_open();
    struct small_watch watch = {0};
    struct trial_hooks hooks = small_hooks(&watch);
    struct record record;
    small_trial_train(&trial, SMALL_MLP);
    struct spec spec = small_spec(
        SMALL_MLP PGD FROM("network.hidden = [8]"), &arena);
    struct trial_networks networks = {trial.weights, trial.weights};
    assert_int_equal(trial_transfer_part(&spec, &trial.data, (struct span){0},
                                         &networks, &hooks, &arena, &record),
                     STATUS_INVALID);
    assert_non_null(strstr(status_reason(), "the source's network"));
    status_forget();
    arena_close(&arena);
    small_trial_close(&trial);
}

/* the analog twin ----------------------------------------------------- */

#define CONVERTED                                                              \
    SMALL_CSNN "neuron = pif\nneuron.reset = soft\nconversion = qcfs\n"        \
               "conversion.n_levels = 63\n"

/* What is asked is what was trained, and not the spiking network. */
static void an_analog_source_is_the_network_that_was_trained(void **state)
{
    (void)state;
    static const enum model_purpose purposes[] = {MODEL_TRAIN, MODEL_ATTACK,
                                                  MODEL_ATTACK_ANALOG};
    struct small_trial trial;
    float logits[3][20 * 3];
    small_trial_train(&trial, CONVERTED);
    for (size_t p = 0; p < 3; p++) {
        struct arena arena = arena_open();
        struct model *model =
            model_lay_out(&trial.spec, &trial.data, 20, purposes[p],
                          (struct trial_means){0}, &arena);
        float images[20 * 36];
        uint32_t ids[20] = {0};
        uint8_t labels[20];
        for (uint32_t i = 0; i < 20; i++)
            ids[i] = i;
        data_gather(&trial.data, &trial.data.test, 20, ids, images, labels);
        struct model_batch batch = {20, images, ids, 1, RNG_ENCODE_TEST, 0};
        memcpy(model->weights, trial.weights.at,
               trial.weights.n * sizeof(float));
        model_forward_test(model, &batch, NULL);
        memcpy(logits[p], model->logits, sizeof logits[p]);
        arena_close(&arena);
    }
    assert_memory_equal(logits[0], logits[2], sizeof logits[0]);
    assert_true(memcmp(logits[1], logits[2], sizeof logits[1]) != 0);
    small_trial_close(&trial);
}

static void an_attack_on_the_analog_twin_beats_the_spiking_network(void **state)
{
    (void)state;
    struct small_trial trial;
    struct judged judged;
    small_trial_train(&trial, CONVERTED);
    judge(&trial,
          CONVERTED BIM FROM("training.seed = 1") "attack_source.analog = "
                                                  "true\n",
          &trial.weights, &judged);
    const double *accuracy = record_f64(&judged.record, FIELD_ROBUST_ACCURACY);
    const uint64_t *n_zero = record_u64(&judged.record, FIELD_N_ZERO_GRADIENT);
    assert_true(accuracy[2] < accuracy[0] - 0.2);
    assert_true(n_zero[0] < judged.record.extent[DIM_SAMPLE] / 2);
    arena_close(&judged.arena);
    small_trial_close(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_own_network_is_no_part_of_the_identity),
        cmocka_unit_test(the_source_is_the_cell_with_the_changes),
        cmocka_unit_test(the_identity_names_the_sources_digest),
        cmocka_unit_test(what_no_source_can_be_is_refused),
        cmocka_unit_test(
            made_on_itself_it_is_the_white_box_attack_bit_for_bit),
        cmocka_unit_test(the_source_is_asked_and_the_cell_judges),
        cmocka_unit_test(weights_of_another_shape_are_refused),
        cmocka_unit_test(an_analog_source_is_the_network_that_was_trained),
        cmocka_unit_test(
            an_attack_on_the_analog_twin_beats_the_spiking_network),
    };
    return cmocka_run_group_tests_name("attack source", tests, NULL, NULL);
}
