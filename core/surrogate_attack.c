/* What an attack goes back through: the surrogate of training, or another. */
#include "core/spec.h"
#include "core/surrogate_parts.h"

struct own {
    double scale;
};

static const struct row own_rows[] = {
    {.name = "scale", .unit = "1",
     .doc = "s of s g'(s x): above 1 sharper than in training, below 1 flatter, of the same area",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "1", .minimum = 1e-3,
     .maximum = 1e3, .offset = offsetof(struct own, scale)},
};

const struct kind surrogate_own = {
    .name = "own",
    .doc = "the surrogate that the network was trained with, s g'(s x), at the width that it "
           "learned if it learns one",
    .cite = "Xu et al., Attacking the Spike (arXiv 2209.03358): the attacker's surrogate need not "
            "be the trainer's",
    .rows = own_rows,
    .n_rows = KIND_COUNT(own_rows),
    .params_size = sizeof(struct own),
    .later = true,
};

/* The attacker's families of Ozdenizci & Legenstein (TMLR 2024): piecewise
 * linear, rectangular, exponential, straight through; and the adaptive one. */
const char surrogate_matrix_word[] = "matrix";
const struct kind *const surrogate_matrix[] = {
    &surrogate_own,
    &surrogate_triangular.kind,
    &surrogate_rectangular.kind,
    &surrogate_piecewise_exp.kind,
    &surrogate_straight_through.kind,
    &surrogate_assg.kind,
};
const size_t surrogate_n_matrix = KIND_COUNT(surrogate_matrix);

/* One that is fitted or learned may not be the same in the attack. */
bool surrogate_is_own_by_name(const struct spec *spec)
{
    const struct choice *trained = &spec->at[SPEC_SURROGATE];
    const struct choice *attack = &spec->at[SPEC_ATTACK_SURROGATE];
    if (attack->kind != trained->kind || surrogate_of(trained->kind)->fit)
        return false;
    struct arena arena = arena_open();
    bool same = true;
    for (size_t i = 0; i < trained->kind->n_rows; i++) {
        const struct row *row = &trained->kind->rows[i];
        same = same && !strcmp(row_print(row, trained->params, &arena),
                               row_print(row, attack->params, &arena));
    }
    arena_close(&arena);
    return same;
}

struct surrogate_use surrogate_in_training(const struct spec *spec)
{
    const struct choice *trained = &spec->at[SPEC_SURROGATE];
    return (struct surrogate_use){surrogate_of(trained->kind),
                                  trained->params, 1, false};
}

struct surrogate_use surrogate_in_attack(const struct spec *spec)
{
    const struct choice *choice = &spec->at[SPEC_ATTACK_SURROGATE];
    struct surrogate_use use = surrogate_in_training(spec);
    if (choice->kind == &surrogate_own)
        use.sharpness = ((const struct own *)choice->params)->scale;
    else if (choice->kind)
        use = (struct surrogate_use){surrogate_of(choice->kind),
                                     choice->params, 1, true};
    return use;
}
