/* A network as a plain chain (core/feedforward.h), its NIR file (io/nir.h), and
 * the way back. */
#include "io/hdf5_put.h"
#include "io/hdf5_util.h"
#include "io/nir.h"
#include "tests/chain_scene.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#define PLAIN "encoding.normalize = false\nnetwork.n_steps = 4\n"

static const char *const networks[] = {
    "network = mlp\nnetwork.hidden = [20, 12]\nnormalization = none\n" PLAIN,
    "network = csnn\nnetwork.channels = [6, 8]\nnetwork.hidden = [16]\n" PLAIN
    "normalization = none\nneuron = if\n",
    "network = layers\nnetwork.layers = \"6C3-AP2-8C3\"\n" PLAIN
    "normalization = batch\nneuron.leak = 0.9\nneuron.reset = soft\n",
    "network = layers\nnetwork.layers = \"4C3-6C3S2-AP2-5C1-10FC-9FC\"\n" PLAIN
    "normalization = tdbn\nneuron = plif\nneuron.threshold = 0.7\n",
    "network = layers\nnetwork.layers = \"6C1S2-12FC\"\nneuron = plif\n" PLAIN
    "neuron.scale_input = true\nneuron.threshold = 0.3\nnormalization = none\n",
    "network = layers\nnetwork.layers = \"6C3-AP2-12FC\"\n" PLAIN
    "normalization = none\nneuron = cuba\nneuron.synaptic_leak = 0.3\n"
    "neuron.leak = 0.8\nneuron.reset = soft\n",
};

static void a_plain_network_computes_what_the_engine_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIND_COUNT(networks); i++) {
        struct chain_scene scene = chain_scene_make(networks[i]);
        struct feedforward net = chain_scene_take(&scene);
        const float *wanted =
            chain_scene_logits(&scene, &scene.spec, &scene.weights);
        chain_assert_lively(wanted, 5);
        double difference = chain_twin_compare(&scene, &net, wanted);
        if (!(difference < 1e-5))
            fail_msg("network %zu: %g off", i, difference);
        chain_scene_remove(&scene);
    }
}

/* files --------------------------------------------------------------- */

static void write_net(struct chain_scene *scene, struct nir_style style)
{
    struct feedforward net = chain_scene_take(scene);
    struct nir_notes notes = {.style = style,
                              .dt = 1e-4,
                              .spec = spec_print(&scene->spec, false,
                                                 &scene->arena)};
    assert_int_equal(nir_write(scene->path, &net, &notes), STATUS_OK);
}

static const float *logits_of_file(struct chain_scene *scene)
{
    struct feedforward net;
    struct nir_notes notes;
    struct weights weights;
    struct spec spec = scene->spec;
    struct nir_choices choices = {.dt = 0};
    if (nir_read(scene->path, &choices, &scene->arena, &net, &notes) !=
        STATUS_OK)
        fail_msg("%s", status_reason());
    assert_int_equal(feedforward_make(&net, &scene->arena, &spec, &weights),
                     STATUS_OK);
    return chain_scene_logits(scene, &spec, &weights);
}

static float furthest(const float *a, const float *b, size_t n)
{
    float largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmaxf(largest, fabsf(a[i] - b[i]));
    return largest;
}

static bool is_folded(const struct feedforward *net)
{
    for (size_t i = 0; i < net->n_layers; i++)
        if (net->layers[i].folded)
            return true;
    return false;
}

static void a_file_read_back_gives_the_same_logits(void **state)
{
    (void)state;
    static const struct nir_style styles[] = {
        {false, false}, {false, true}, {true, true}};
    enum { N = N_IMAGES * 5 };
    for (size_t i = 0; i < KIND_COUNT(networks); i++)
        for (size_t k = 0; k < KIND_COUNT(styles); k++) {
            struct chain_scene scene = chain_scene_make(networks[i]);
            struct feedforward net = chain_scene_take(&scene);
            const float *wanted =
                chain_scene_logits(&scene, &scene.spec, &scene.weights);
            write_net(&scene, styles[k]);
            const float *found = logits_of_file(&scene);
            if (!is_folded(&net) && !styles[k].unit_r)
                assert_memory_equal(found, wanted, N * sizeof *found);
            assert_true(furthest(found, wanted, N) < 1e-5f);
            chain_scene_remove(&scene);
        }
}

/* As other programs have networks: the mean of each channel goes into the
 * read-out. Here it goes into the weights. */
static void an_average_of_whole_images_is_read_out_by_all_pixels(void **state)
{
    (void)state;
    enum { N_CLASSES = 5 };
    struct chain_scene scene = chain_scene_make(networks[2]);
    struct feedforward net = chain_scene_take(&scene), read;
    struct nir_notes notes = {.dt = 1e-3};
    struct nir_choices choices = {.n_steps = 4};
    struct spec spec = scene.spec;
    struct weights weights;
    net.averages = true;
    assert_int_equal(nir_write(scene.path, &net, &notes), STATUS_OK);
    assert_int_equal(
        nir_read(scene.path, &choices, &scene.arena, &read, &notes),
        STATUS_OK);
    assert_true(read.averages);
    assert_int_equal(feedforward_make(&read, &scene.arena, &spec, &weights),
                     STATUS_OK);
    const float *found = chain_scene_logits(&scene, &spec, &weights);
    chain_assert_lively(found, N_CLASSES);
    assert_true(chain_twin_compare(&scene, &net, found) < 1e-5);
    chain_scene_remove(&scene);
}

static void the_same_network_makes_the_same_file(void **state)
{
    (void)state;
    struct chain_scene scene = chain_scene_make(networks[1]);
    write_net(&scene, (struct nir_style){false, false});
    struct bytes first = scratch_read(scene.path);
    sleep(1); /* the time of day is not in it */
    write_net(&scene, (struct nir_style){false, false});
    struct bytes second = scratch_read(scene.path);
    assert_int_equal(first.n, second.n);
    assert_memory_equal(first.at, second.at, first.n);
    bytes_free(&first);
    bytes_free(&second);
    chain_scene_remove(&scene);
}

/* what is refused ----------------------------------------------------- */

static void assert_no_plain_form(const char *text, const char *part)
{
    struct chain_scene scene = chain_scene_make(text);
    struct feedforward net;
    assert_int_equal(feedforward_take(&scene.spec, &scene.data, &scene.weights,
                                      &scene.arena, &net),
                     STATUS_INVALID);
    if (!strstr(status_reason(), part))
        fail_msg("\"%s\" does not say \"%s\"", status_reason(), part);
    chain_scene_remove(&scene);
}

static void what_has_no_plain_form_is_refused_by_name(void **state)
{
    (void)state;
    assert_no_plain_form("neuron = slif\n", "neurons of kind slif");
    assert_no_plain_form("network = csnn\nnetwork.channels = [4]\n"
                         "network.pool = max\n",
                         "layer 0 has a pooling by the maximum");
    assert_no_plain_form("network = csnn\nnetwork.channels = [4]\n"
                         "normalization = bntt\n",
                         "layer 0 has a normalization of each step");
    assert_no_plain_form("network = resnet19\nnetwork.width = 4\n",
                         "has a shortcut");
    assert_no_plain_form("attention = temporal_channel\n", "attention");
    assert_no_plain_form("neuron = pif\n", "neuron.initial = 0");
    assert_no_plain_form("neuron = cuba\nneuron.synaptic_leak = 1\n",
                         "leak nothing");
}

/* A file by somebody else: a chain of three nodes and one that is `type`. */
static void write_foreign(const char *path, const char *type,
                          const char *from, const char *to)
{
    hid_t file;
    struct arena arena = arena_open();
    const int64_t two = 2, three = 3;
    const float weights[6] = {1, 2, 3, 4, 5, 6}, bias[2] = {0, 0};
    size_t extents[2] = {2, 3};
    assert_int_equal(hdf5_create(path, path, &file), STATUS_OK);
    hid_t graph = hdf5_make_group(file, "node");
    hid_t nodes = hdf5_make_group(graph, "nodes");
    static const char *const names[] = {"in", "affine", "other", "out"};
    const char *types[] = {"Input", "Affine", type, "Output"};
    for (size_t i = 0; i < 4; i++) {
        hid_t node = hdf5_make_group(nodes, names[i]);
        hdf5_put_text_dataset(node, "type", types[i]);
        hdf5_put_integers(node, "shape", 1, i == 0 ? &three : &two);
        hdf5_put_floats(node, "weight", 2, extents, weights);
        hdf5_put_floats(node, "bias", 1, extents, bias);
        hdf5_put_same(node, "tau", 1, extents, 2e-4f);
        hdf5_put_same(node, "tau_mem", 1, extents, 2e-4f);
        hdf5_put_same(node, "tau_syn", 1, extents, 4e-4f);
        hdf5_put_same(node, "w_in", 1, extents, 3);
        hdf5_put_same(node, "r", 1, extents, 2);
        hdf5_put_same(node, "v_leak", 1, extents, 0);
        hdf5_put_same(node, "v_threshold", 1, extents, 1);
        H5Gclose(node);
    }
    const char *edges[3][2] = {
        {"in", "affine"}, {"affine", "other"}, {from, to}};
    hsize_t n_edges[2] = {3, 2};
    hid_t text = hdf5_text_type(), space = H5Screate_simple(2, n_edges, NULL);
    hid_t dataset = H5Dcreate2(graph, "edges", text, space, H5P_DEFAULT,
                               H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(dataset, text, H5S_ALL, H5S_ALL, H5P_DEFAULT, edges);
    assert_int_equal(hdf5_close(file, path), STATUS_OK);
    arena_close(&arena);
}

static void assert_foreign(const char *type, const char *from, const char *to,
                           size_t n_steps, const char *part)
{
    struct scratch scratch = scratch_make();
    struct arena arena = arena_open();
    const char *path = scratch_path(&scratch, "foreign.nir");
    struct nir_choices choices = {.n_steps = n_steps};
    struct feedforward net;
    struct nir_notes notes;
    write_foreign(path, type, from, to);
    enum status status = nir_read(path, &choices, &arena, &net, &notes);
    assert_int_equal(status, part ? STATUS_INVALID : STATUS_OK);
    if (part && !strstr(status_reason(), part))
        fail_msg("\"%s\" does not say \"%s\"", status_reason(), part);
    arena_close(&arena);
    scratch_remove(&scratch);
}

static void what_is_no_chain_of_known_nodes_is_refused_by_name(void **state)
{
    (void)state;
    assert_foreign("LIF", "other", "out", 3, NULL);
    assert_foreign("CubaLIF", "other", "out", 3, NULL);
    assert_foreign("LIF", "other", "out", 0, "--steps");
    assert_foreign("CubaLI", "other", "out", 3, "node other (CubaLI)");
    assert_foreign("Affine", "other", "out", 3, "follows weights without");
    assert_foreign("LIF", "affine", "out", 3, "two nodes after");
    assert_foreign("LIF", "other", "nobody", 3, "not both nodes");
    assert_foreign("LIF", "other", "affine", 3, "two nodes before");
    assert_foreign("Output", "other", "out", 3, "one node Output");
    assert_foreign("AvgPool2d", "other", "out", 3, "image of neurons");
}

/* A chain that ends in neurons is read out by their counts: here U = 0.5 V + z
 * with z = (1, 4) for the image (1, 0, 0). */
static void neurons_at_the_end_are_the_classes(void **state)
{
    (void)state;
    struct chain_scene scene = chain_scene_make(networks[0]);
    struct nir_choices choices = {.n_steps = 3};
    struct feedforward net;
    struct nir_notes notes;
    double image[] = {0.25, 0, 0}, logits[2];
    write_foreign(scene.path, "LIF", "other", "out");
    assert_int_equal(
        nir_read(scene.path, &choices, &scene.arena, &net, &notes),
        STATUS_OK);
    assert_int_equal(net.n_classes, 2);
    assert_float_equal(net.layers[0].leak, 0.5, 1e-6);
    chain_twin_run(&net, image, logits);
    /* z = 0.25: 0.25, 0.375, 0.4375; z = 1: fires at every step. */
    assert_float_equal(logits[0], 0, 1e-12);
    assert_float_equal(logits[1], 1, 1e-12);
    chain_scene_remove(&scene);
}

/* tau_mem = 2 dt, tau_syn = 4 dt, r = 2, w_in = 3; a weight of 1. */
static void a_synaptic_current_comes_in_with_its_gains_in_weights(void **state)
{
    (void)state;
    struct chain_scene scene = chain_scene_make(networks[0]);
    struct nir_choices choices = {.n_steps = 3};
    struct feedforward net;
    struct nir_notes notes;
    write_foreign(scene.path, "CubaLIF", "other", "out");
    assert_int_equal(
        nir_read(scene.path, &choices, &scene.arena, &net, &notes),
        STATUS_OK);
    assert_float_equal(net.layers[0].leak, 0.5, 1e-6);
    assert_float_equal(net.layers[0].synaptic_leak, 0.75, 1e-6);
    assert_float_equal(net.layers[0].gain, 1, 0);
    assert_float_equal(net.layers[0].weights[0], 2 * 0.5 * 3 * 0.25, 1e-6);
    chain_scene_remove(&scene);
}

static void damage_is_refused_or_read_but_never_fatal(void **state)
{
    (void)state;
    struct chain_scene scene = chain_scene_make(networks[1]);
    write_net(&scene, (struct nir_style){false, false});
    struct bytes whole = scratch_read(scene.path);
    for (size_t n = 0; n < whole.n; n += 1 + whole.n / 40) {
        struct arena arena = arena_open();
        struct feedforward net;
        struct nir_notes notes;
        struct nir_choices choices = {.dt = 0};
        scratch_write(scene.path, whole.at, n);
        assert_int_not_equal(
            nir_read(scene.path, &choices, &arena, &net, &notes), STATUS_OK);
        arena_close(&arena);
    }
    bytes_free(&whole);
    chain_scene_remove(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_network_computes_what_the_engine_does),
        cmocka_unit_test(an_average_of_whole_images_is_read_out_by_all_pixels),
        cmocka_unit_test(a_file_read_back_gives_the_same_logits),
        cmocka_unit_test(the_same_network_makes_the_same_file),
        cmocka_unit_test(what_has_no_plain_form_is_refused_by_name),
        cmocka_unit_test(what_is_no_chain_of_known_nodes_is_refused_by_name),
        cmocka_unit_test(neurons_at_the_end_are_the_classes),
        cmocka_unit_test(a_synaptic_current_comes_in_with_its_gains_in_weights),
        cmocka_unit_test(damage_is_refused_or_read_but_never_fatal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
