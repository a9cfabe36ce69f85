#include "io/vectors_file.h"
#include "io/exchange_parts.h"
#include "io/hdf5_put.h"
#include "io/hdf5_util.h"
#include "io/tensor_order.h"

#include <string.h>

static void note(herr_t *all, herr_t result)
{
    if (result < 0)
        *all = result;
}

/* Images channels first, in `rank` dimensions: [n][C][H][W], or [E][n][C H W].
 */
static herr_t put_images(hid_t group, const char *name,
                         struct image_shape shape, size_t rank,
                         const size_t *extents, const float *images)
{
    struct arena arena = arena_open();
    size_t n_pixels = image_size(shape), n = 1;
    for (size_t i = 0; i < rank; i++)
        n *= extents[i];
    float *ordered = ARENA_ARRAY(&arena, float, n);
    for (size_t i = 0; i < n; i += n_pixels)
        tensor_order_linear(shape, 1, images + i, ordered + i);
    herr_t result = hdf5_put_floats(group, name, rank, extents, ordered);
    arena_close(&arena);
    return result;
}

static herr_t put_clean(hid_t group, struct image_shape shape,
                        const struct reference *of)
{
    herr_t all = 0;
    size_t images[] = {of->n, shape.n_channels, shape.height, shape.width};
    size_t logits[] = {of->n, of->n_classes};
    note(&all, put_images(group, "input", shape, 4, images, of->images));
    note(&all, hdf5_put_bytes(group, "label", 1, logits, of->labels));
    note(&all, hdf5_put_floats(group, "logits", 2, logits, of->logits));
    note(&all, hdf5_put_floats(group, "loss", 1, logits, of->loss));
    note(&all, put_images(group, "gradient", shape, 4, images, of->gradient));
    return all;
}

/* The lines of a canonical text that are the attack's. */
static const char *print_attack(const struct spec *spec, struct arena *arena)
{
    const char *text = strstr(spec_print(spec, false, arena), "\nattack = ");
    return text ? text + 1 : "";
}

static herr_t put_epsilons(hid_t group, const struct reference *of,
                           struct arena *arena)
{
    float *epsilons = ARENA_ARRAY(arena, float, of->n_epsilons);
    for (size_t e = 0; e < of->n_epsilons; e++)
        epsilons[e] = (float)of->epsilons[e];
    return hdf5_put_floats(group, "epsilon", 1, &of->n_epsilons, epsilons);
}

static herr_t put_attack(hid_t group, struct image_shape shape,
                         const struct spec *spec, const struct reference *of)
{
    herr_t all = 0;
    struct arena arena = arena_open();
    size_t images[] = {of->n_epsilons, of->n, of->n_pixels};
    size_t logits[] = {of->n_epsilons, of->n, of->n_classes};
    note(&all, hdf5_put_text_dataset(group, "name",
                                     spec->at[SPEC_ATTACK].kind->name));
    note(&all, hdf5_put_text_dataset(group, "parameters",
                                     print_attack(spec, &arena)));
    note(&all, put_epsilons(group, of, &arena));
    note(&all, put_images(group, "start", shape, 3, images, of->start));
    note(&all, put_images(group, "adversarial", shape, 3, images,
                          of->adversarial));
    note(&all,
         hdf5_put_floats(group, "logits", 3, logits, of->logits_after));
    arena_close(&arena);
    return all;
}

static herr_t put_vectors(hid_t file, const struct vectors *vectors)
{
    herr_t all = 0;
    struct arena arena = arena_open();
    struct image_shape shape = vectors->data->shape;
    hid_t group = hdf5_make_group(file, "vectors");
    note(&all, put_clean(group, shape, &vectors->references[0]));
    hid_t attacks = hdf5_make_group(group, "attacks");
    for (size_t i = 0; i < vectors->n_attacks; i++) {
        hid_t attack =
            hdf5_make_group(attacks, arena_print(&arena, "%zu", i));
        note(&all, put_attack(attack, shape, &vectors->attacks[i],
                              &vectors->references[i]));
        H5Gclose(attack);
    }
    H5Gclose(attacks);
    H5Gclose(group);
    arena_close(&arena);
    return all;
}

static herr_t put(hid_t file, void *self)
{
    const struct vectors *vectors = self;
    herr_t all = 0;
    note(&all, nir_put(file, vectors->net, vectors->notes));
    note(&all, weights_put(file, vectors->spec, vectors->data,
                           vectors->weights));
    note(&all, put_vectors(file, vectors));
    return all;
}

enum status vectors_file_write(const char *path,
                               const struct vectors *vectors)
{
    struct vectors all = *vectors;
    return exchange_write(path, put, &all);
}
