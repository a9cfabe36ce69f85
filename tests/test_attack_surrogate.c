/* What an attack goes back through, from the experiment file to the gradient:
 * core/surrogate_attack.c. */
#include "tests/test.h"

#include "core/model.h"
#include "core/surrogate.h"
#include "tests/small_net.h"

#include <math.h>
#include <string.h>

enum { N_IMAGES = 5, N_PIXELS = 25 };

#define NETWORK                                                                \
    "network = mlp\nnetwork.hidden = [14, 9]\nnetwork.n_steps = 4\n"

/* gradients ----------------------------------------------------------- */

struct scene {
    struct arena arena;
    struct spec spec;
    struct data_set data;
    struct model *model;
};

/* Weights so large that neurons are about their thresholds. */
static void fill(struct scene *scene)
{
    size_t n = small_count_values(&scene->spec, &scene->data);
    double *values = ARENA_ARRAY(&scene->arena, double, n);
    small_fill_values(&scene->spec, &scene->data, 1, 3, values);
    for (size_t i = 0; i < n; i++)
        scene->model->weights[i] = (float)values[i];
}

static void scene_open(struct scene *scene, const char *text,
                       enum model_purpose purpose)
{
    *scene = (struct scene){.arena = arena_open()};
    struct arena *arena = &scene->arena;
    scene->spec = small_spec(arena_print(arena, NETWORK "%s", text), arena);
    scene->data = small_data((struct image_shape){5, 5, 1}, 3, 6, 6, 1, arena);
    scene->model = model_lay_out(&scene->spec, &scene->data, N_IMAGES, purpose,
                                 (struct trial_means){0}, arena);
    fill(scene);
}

/* By the images, of the sum of logits of their classes. */
static void take_gradient(struct scene *scene,
                          float gradient[N_IMAGES * N_PIXELS])
{
    float images[N_IMAGES * N_PIXELS];
    uint32_t ids[N_IMAGES];
    struct model *model = scene->model;
    for (size_t i = 0; i < N_IMAGES * N_PIXELS; i++)
        images[i] = (float)scene->data.test.images[i] / 255;
    for (size_t i = 0; i < N_IMAGES; i++)
        ids[i] = (uint32_t)i;
    struct model_batch batch = {.n = N_IMAGES, .images = images, .ids = ids};
    model_forward_test(model, &batch, NULL);
    memset(model->d_logits, 0, N_IMAGES * 3 * sizeof(float));
    for (size_t i = 0; i < N_IMAGES; i++)
        model->d_logits[i * 3 + i % 3] = 1;
    model_backward_images(model, &batch, gradient);
}

static void gradient_of(const char *text, float *gradient)
{
    struct scene scene;
    scene_open(&scene, text, MODEL_ATTACK);
    take_gradient(&scene, gradient);
    arena_close(&scene.arena);
}

/* Largest difference, relative to the largest entry; there is one. */
static double compare(const char *text, const char *other)
{
    float a[N_IMAGES * N_PIXELS], b[N_IMAGES * N_PIXELS];
    double largest = 0, difference = 0;
    gradient_of(text, a);
    gradient_of(other, b);
    for (size_t i = 0; i < N_IMAGES * N_PIXELS; i++) {
        largest = fmax(largest, fabs((double)a[i]));
        difference = fmax(difference, fabs((double)a[i] - (double)b[i]));
    }
    assert_true(largest > 1e-6);
    return difference / largest;
}

/* Parameters of psg's networks are others. */
static void any_kind_goes_back_as_if_it_were_that_of_training(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    size_t n_apart = 0;
    for (size_t k = 0; k < surrogate_axis.n_kinds; k++) {
        const struct kind *kind = surrogate_axis.kinds[k];
        if (surrogate_of(kind)->learns_width)
            continue;
        const char *trained =
            arena_print(&arena, "surrogate = %s\n", kind->name);
        const char *foreign =
            arena_print(&arena,
                        "surrogate = sigmoid\nattack = fgsm\n"
                        "attack_surrogate = %s\n",
                        kind->name);
        assert_true(compare(trained, foreign) == 0);
        n_apart += compare("surrogate = sigmoid\n", foreign) > 0.01;
    }
    assert_true(n_apart >= surrogate_axis.n_kinds - 2);
    arena_close(&arena);
}

static void its_parameters_are_those_that_are_given(void **state)
{
    (void)state;
    assert_true(compare("surrogate = atan\nsurrogate.slope = 3\n",
                        "attack = pgd\nattack_surrogate = atan\n"
                        "attack_surrogate.slope = 3\n") == 0);
}

static void own_at_one_changes_no_bit_of_any_kind(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    for (size_t k = 0; k < surrogate_axis.n_kinds; k++) {
        const char *trained = arena_print(&arena, "surrogate = %s\n",
                                          surrogate_axis.kinds[k]->name);
        assert_true(compare(trained, arena_print(&arena,
                                                 "%sattack = fgsm\n"
                                                 "attack_surrogate = own\n",
                                                 trained)) == 0);
    }
    arena_close(&arena);
}

#define OWN(s)                                                                 \
    "attack = fgsm\nattack_surrogate = own\nattack_surrogate.scale = " s "\n"

/* s g'(s x) of kinds whose parameter is a scale, in closed form. */
static void own_is_as_sharp_as_its_scale_says(void **state)
{
    (void)state;
    assert_true(compare("surrogate = triangular\nsurrogate.width = 0.5\n",
                        OWN("2")) < 1e-5);
    assert_true(compare("surrogate = sigmoid\nsurrogate.slope = 2\n",
                        "surrogate = sigmoid\nsurrogate.slope = 4\n" OWN(
                            "0.5")) < 1e-5);
    assert_true(compare("surrogate = atan\nsurrogate.slope = 6\n",
                        "surrogate = atan\nsurrogate.slope = 2\n" OWN("3")) <
                1e-5);
    assert_true(compare("", OWN("2")) > 0.01);
}

/* Also where the trained one has places and widths of its own. */
static void own_is_as_sharp_where_it_is_fitted(void **state)
{
    (void)state;
    assert_true(compare("surrogate = psg\nsurrogate.width = 0.5\n",
                        "surrogate = psg\n" OWN("2")) < 1e-5);
    assert_true(compare("surrogate = mpd_agl\nsurrogate.width = 1\n",
                        "surrogate = mpd_agl\nsurrogate.width = 2\n" OWN(
                            "2")) < 1e-5);
}

static void gradient_learned(const char *text, double log_width,
                             float *gradient)
{
    struct scene scene;
    scene_open(&scene, text, MODEL_ATTACK);
    for (size_t i = 0; i < scene.model->n_layers; i++)
        scene.model->weights[scene.model->layers[i].log_width] =
            (float)log_width;
    take_gradient(&scene, gradient);
    arena_close(&scene.arena);
}

static bool is_alike(const char *text, double log_width, const char *other,
                     double other_log_width)
{
    float a[N_IMAGES * N_PIXELS], b[N_IMAGES * N_PIXELS];
    gradient_learned(text, log_width, a);
    gradient_learned(other, other_log_width, b);
    return !memcmp(a, b, sizeof a);
}

static void a_learned_width_is_kept_by_own_and_not_taken_by_others(void **state)
{
    (void)state;
    const char *own = "surrogate = psg\n" OWN("1");
    const char *other = "surrogate = psg\nattack = fgsm\n"
                        "attack_surrogate = psg\n";
    assert_true(is_alike("surrogate = psg\n", 0.75, own, 0.75));
    assert_false(is_alike(own, 0, own, 0.75));
    assert_true(is_alike(other, 0, other, 0.75));
    assert_true(is_alike(other, 0.75, own, 0));
}

static void training_keeps_its_own(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene,
               "surrogate = sigmoid\nattack = fgsm\nattack_surrogate = psg\n",
               MODEL_TRAIN);
    const struct spiking *spiking = &scene.model->layers[0].spiking;
    assert_ptr_equal(&spiking->surrogate->kind,
                     kind_find(&surrogate_axis, "sigmoid"));
    assert_false(spiking->foreign || spiking->learns_width);
    arena_close(&scene.arena);
}

/* specs --------------------------------------------------------------- */

static struct digest digest_with(const char *text)
{
    struct arena arena = arena_open();
    struct spec spec = small_spec(text, &arena);
    struct digest digest = spec_digest(&spec);
    arena_close(&arena);
    return digest;
}

static void own_at_one_is_no_part_of_the_identity(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = small_spec("attack = fgsm\n", &arena);
    assert_string_equal(spec.at[SPEC_ATTACK_SURROGATE].kind->name, "own");
    struct digest digest = spec_digest(&spec);
    assert_null(strstr(spec_print_identity(&spec, &arena), "attack_surr"));
    spec.at[SPEC_ATTACK_SURROGATE] = (struct choice){NULL, NULL};
    assert_true(digest_equal(digest, spec_digest(&spec)));
    assert_false(digest_equal(digest, digest_with(OWN("2"))));
    assert_false(digest_equal(
        digest, digest_with("attack = fgsm\nattack_surrogate = triangular\n")));
    arena_close(&arena);
}

static void without_its_attack_a_spec_has_none(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = small_spec(OWN("2"), &arena);
    spec = spec_without_attack(spec);
    assert_null(spec.at[SPEC_ATTACK_SURROGATE].kind);
    assert_true(digest_equal(spec_digest(&spec), digest_with("")));
    arena_close(&arena);
}

static void an_attack_without_gradient_is_pruned_with_another(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = small_spec("attack = square\n", &arena);
    assert_null(spec_objection(&spec, &arena));
    spec = small_spec("attack = square\nattack_surrogate = atan\n", &arena);
    assert_non_null(strstr(spec_objection(&spec, &arena), "no gradient"));
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_kind_goes_back_as_if_it_were_that_of_training),
        cmocka_unit_test(its_parameters_are_those_that_are_given),
        cmocka_unit_test(own_at_one_changes_no_bit_of_any_kind),
        cmocka_unit_test(own_is_as_sharp_as_its_scale_says),
        cmocka_unit_test(own_is_as_sharp_where_it_is_fitted),
        cmocka_unit_test(
            a_learned_width_is_kept_by_own_and_not_taken_by_others),
        cmocka_unit_test(training_keeps_its_own),
        cmocka_unit_test(own_at_one_is_no_part_of_the_identity),
        cmocka_unit_test(without_its_attack_a_spec_has_none),
        cmocka_unit_test(an_attack_without_gradient_is_pruned_with_another),
    };
    return cmocka_run_group_tests_name("attack_surrogate", tests, NULL, NULL);
}
