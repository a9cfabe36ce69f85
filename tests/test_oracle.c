/* The engine against numbers of an independent implementation in PyTorch:
 * tests/oracle/torch_step.py, which says what is computed and how weights and
 * images are made, and tests/oracle/torch_step.txt. */
#include "tests/oracle_scene.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static double worst_loss;

static void run_step(struct oracle_step *step)
{
    struct model *model = step->model;
    struct model_batch batch = {ORACLE_N_IMAGES, step->images, step->ids,
                                0,        RNG_ENCODE_TEST, 0};
    double weight = model->regularizer->weight(
        step->spec.at[SPEC_REGULARIZER].params, 1);
    model_forward_test(model, &batch, NULL);
    step->test_loss = oracle_take_loss(step, 1);
    model_backward_images(model, &batch, step->d_images);
    model_forward_train(model, &batch);
    step->loss = oracle_take_loss(step, 1.0f / ORACLE_N_IMAGES);
    step->term = model_regularize(model, weight, ORACLE_N_IMAGES);
    model_backward_train(model, &batch);
}

static void expect_loss(const char *example, const char *what, double found,
                        double expected)
{
    double error = fabs(found - expected) / fabs(expected);
    worst_loss = fmax(worst_loss, error);
    if (!(error < 1e-5))
        fail_msg("%s: %s is %.9g instead of %.9g", example, what, found,
                 expected);
}

/* "case" has been read. Returns with the next word that is not "tensor". */
static void check_case(FILE *file, char word[64])
{
    char name[64];
    double test_loss, loss, term, phase;
    static struct oracle_step step;
    size_t n_tensors = 0;
    assert_int_equal(fscanf(file, "%63s %lf %lf %lf phase %lf", name,
                            &test_loss, &loss, &term, &phase),
                     5);
    oracle_open(&step, oracle_find(name), "", MODEL_TRAIN, phase);
    run_step(&step);
    expect_loss(name, "the test loss", step.test_loss, test_loss);
    expect_loss(name, "the loss", step.loss, loss);
    expect_loss(name, "R", step.term, term);
    while (fscanf(file, "%63s", word) == 1 && !strcmp(word, "tensor")) {
        oracle_check_tensor(&step, file);
        n_tensors++;
    }
    assert_int_equal(n_tensors, step.n_places + 1);
    arena_close(&step.arena);
}

static void one_step_is_that_of_an_independent_implementation(void **state)
{
    (void)state;
    FILE *file = fopen("tests/oracle/torch_step.txt", "r");
    char word[64];
    size_t n_cases = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "#%*[^\n] %63s", word), 1);
    for (; !strcmp(word, "case"); n_cases++)
        check_case(file, word);
    assert_string_equal(word, "end");
    assert_int_equal(n_cases, ORACLE_N_EXAMPLES);
    fclose(file);
}

static int print_worst(void **state)
{
    (void)state;
    print_message("largest relative errors: losses %.1e, gradients %.1e\n",
                  worst_loss, oracle_worst_gradient());
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_step_is_that_of_an_independent_implementation),
    };
    return cmocka_run_group_tests_name("oracle", tests, NULL, print_worst);
}
