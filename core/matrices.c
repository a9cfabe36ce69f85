#include "core/matrices.h"
#include "core/model_parts.h"

static struct weight_matrix matrix_of(const struct branch *branch)
{
    const struct operation *operation = &branch->operation;
    return (struct weight_matrix){branch->at.weight,
                                  operation_fan_in(operation),
                                  operation->n_out,
                                  operation->kind == BLOCK_LINEAR};
}

size_t matrices_list(const struct model *model,
                     struct weight_matrix at[MATRICES_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < model->n_layers; i++) {
        const struct layer *layer = &model->layers[i];
        at[n++] = matrix_of(&layer->main);
        if (layer->shortcut.n_weights > 0)
            at[n++] = matrix_of(&layer->shortcut);
    }
    at[n++] = (struct weight_matrix){model->readout_weight, model->n_features,
                                     model->n_classes, true};
    return n;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

struct matrix_sizes matrices_measure(const struct spec *spec,
                                     const struct data_set *data)
{
    struct layer layers[NETWORK_BLOCKS_MAX] = {{.n_out = 0}};
    struct weight_matrix at[MATRICES_MAX];
    struct matrix_sizes sizes = {0, 0};
    struct model model = model_shape(spec, data, MODEL_ATTACK, layers);
    model.layers = layers;
    size_t n = matrices_list(&model, at);
    for (size_t i = 0; i < n; i++) {
        sizes.n_entries =
            larger(sizes.n_entries, at[i].n_rows * at[i].n_columns);
        sizes.n_columns = larger(sizes.n_columns, at[i].n_columns);
    }
    return sizes;
}
