#include "core/attack.h"
#include "core/attack_parts.h"
#include "core/backward_rule.h"
#include "core/encoding.h"
#include "core/gate.h"
#include "core/spec.h"
#include "core/surrogate.h"
#include "core/training.h"

#include <math.h>

const char *attack_applies(const struct spec *spec)
{
    const struct attack *attack = attack_of(spec->at[SPEC_ATTACK].kind);
    struct surrogate_use use = surrogate_in_attack(spec);
    if (!attack->gradient && (use.foreign || use.sharpness != 1))
        return "takes no gradient, so surrogate is without effect";
    if (!attack->gradient && backward_rule_in_attack(spec).rule->backward)
        return "takes no gradient, so rule is without effect";
    if (surrogate_is_own_by_name(spec))
        return "its surrogate is the network's own, as \"own\" says";
    return spec->at[SPEC_TRAINING].kind == training_kind_dummy
               ? "training dummy leaves no network to attack"
               : NULL;
}

const char *attack_nested_applies(const struct spec *spec)
{
    const struct attack_common *common = spec->at[SPEC_ATTACK].params;
    bool random = encoding_of(spec->at[SPEC_ENCODING].kind)->random ||
                  gate_is_random(spec);
    if (random && !common->fixed_draw &&
        (common->warm_start || common->n_bisections > 0))
        return "warm_start and n_bisections take an answer for good, and this "
               "encoding's or these gates' answers are drawn (but for "
               "fixed_draw)";
    return attack_applies(spec);
}

size_t attack_memory(const struct attack *attack, const void *params,
                     const struct victim *victim)
{
    if (attack->memory)
        return attack->memory(params, victim);
    struct arena arena = arena_open_counting();
    struct attack_batch batch = {.n = victim->n_max,
                                 .n_pixels = victim->n_pixels,
                                 .scratch = &arena};
    assault_open(attack, params, victim, &batch);
    return arena.n_bytes;
}

struct reals attack_sizes(const struct attack *attack, const void *params)
{
    const struct attack_common *common = params;
    struct reals sizes = common->epsilons;
    bool has_end = attack->norm == NORM_LINF || attack->norm == NORM_NONE;
    for (size_t i = 0; i < common->n_doublings && sizes.n < KIND_LIST_MAX;
         i++) {
        double last = sizes.at[sizes.n - 1];
        if (last == 0 || (has_end && last >= 1))
            break;
        sizes.at[sizes.n++] = has_end && 2 * last > 1 ? 1 : 2 * last;
    }
    return sizes;
}

/* norms --------------------------------------------------------------- */

/* Differences of floats are exact in double. A NaN is as far as can be. */
double norm_distance(enum norm norm, size_t n, const float *a, const float *b)
{
    double largest = 0, squares = 0, n_other = 0;
    for (size_t i = 0; i < n; i++) {
        double off = fabs((double)b[i] - (double)a[i]);
        if (isnan(off))
            return INFINITY;
        largest = off > largest ? off : largest;
        squares += off * off;
        n_other += off != 0;
    }
    return norm == NORM_L2   ? sqrt(squares)
           : norm == NORM_L0 ? n_other
                             : largest;
}

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&attack_fgsm.kind, &attack_bim.kind,
                                           &attack_pgd.kind,
                                           &attack_rfgsm.kind,
                                           &attack_mim.kind,
                                           &attack_pgd_l2.kind,
                                           &attack_apgd.kind,
                                           &attack_sa_pgd.kind,
                                           &attack_square.kind,
                                           &attack_sda.kind,
                                           &attack_deepfool.kind,
                                           &attack_cw_l2.kind,
                                           &attack_fab.kind,
                                           &attack_autoattack.kind,
                                           &attack_gaussian.kind,
                                           &attack_uniform.kind,
                                           &attack_salt_pepper.kind,
                                           &attack_blur.kind,
                                           &attack_contrast.kind,
                                           &attack_brightness.kind};

const struct axis attack_axis = {
    "attack", "from clean images to adversarial ones", kinds,
    KIND_COUNT(kinds), "pgd"};

const struct attack *attack_of(const struct kind *kind)
{
    return (const struct attack *)kind;
}
