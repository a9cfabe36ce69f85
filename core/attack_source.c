/* Whose network an attack is made on. */
#include "core/attack_source.h"
#include "core/backward_rule.h"
#include "core/conversion.h"
#include "core/spec.h"
#include "core/surrogate.h"
#include "core/training.h"

#include <string.h>

struct other {
    const char *changes; /* lines of the canonical text, "; " between them */
    bool analog;
};

static const struct kind own = {
    .name = "own",
    .doc = "the attack is made on the network that it is judged on: white box",
    .cite = "Carlini et al., On Evaluating Adversarial Robustness (arXiv 1902.06705), sec. 2",
    .later = true,
};

/* What else can be wrong with a source attack_source_find says. */
static const char *cell_applies(const struct spec *spec)
{
    const struct other *other = spec->at[SPEC_ATTACK_SOURCE].params;
    struct surrogate_use use = surrogate_in_attack(spec);
    const struct kind *rule = spec->at[SPEC_ATTACK_RULE].kind;
    if (!*other->changes && !other->analog)
        return "changes nothing, so the source would be the cell itself";
    if (other->analog && (use.foreign || use.sharpness != 1))
        return "analog neurons have a derivative of their own, so surrogate "
               "is without effect";
    if (other->analog && rule &&
        strcmp(rule->name, backward_rule_axis.fallback) != 0)
        return "analog neurons have a derivative of their own, so rule would "
               "be another's";
    return NULL;
}

static const struct row cell_rows[] = {
    {.name = "changes", .unit = "1",
     .doc = "what it has otherwise than the cell under attack; in an experiment written as "
            "source = { seed = 2; AXIS = ..; }",
     .type = ROW_TEXT, .fallback = "\"\"", .offset = offsetof(struct other, changes)},
    {.name = "analog", .unit = "1",
     .doc = "of a cell with a conversion, the analog network whose weights it has taken over, by "
            "its straight-through gradient",
     .type = ROW_FLAG, .fallback = "false", .offset = offsetof(struct other, analog)},
};

static const struct kind cell = {
    .name = "cell",
    .doc = "another cell of the sweep, which is trained for it if none is that; the network under "
           "attack is asked nothing but the verdict",
    .cite = "Papernot et al., Transferability in Machine Learning (arXiv 1605.07277), sec. 2: "
            "intra- and cross-technique transfer",
    .rows = cell_rows,
    .n_rows = KIND_COUNT(cell_rows),
    .params_size = sizeof(struct other),
    .applies = cell_applies,
};

static const struct other *other_of(const struct spec *spec)
{
    const struct choice *choice = &spec->at[SPEC_ATTACK_SOURCE];
    return choice->kind == &cell ? choice->params : NULL;
}

bool attack_source_is_other(const struct spec *spec)
{
    return other_of(spec) != NULL;
}

bool attack_source_is_analog(const struct spec *spec)
{
    const struct other *other = other_of(spec);
    return other && other->analog;
}

/* the other cell ------------------------------------------------------ */

static enum status check(const struct spec *spec, const struct spec *source)
{
    const struct choice *mine = &spec->at[SPEC_DATASET];
    const struct choice *its = &source->at[SPEC_DATASET];
    if (mine->kind != its->kind || mine->params != its->params)
        return status_refuse(STATUS_INVALID,
                             "attack_source: both cells have to be of one "
                             "dataset");
    if (source->at[SPEC_TRAINING].kind == training_kind_dummy &&
        spec->at[SPEC_TRAINING].kind != training_kind_dummy)
        return status_refuse(STATUS_INVALID,
                             "attack_source: a dummy of a training leaves no "
                             "network");
    if (attack_source_is_analog(spec) && conversion_count_levels(source) == 0)
        return status_refuse(STATUS_INVALID,
                             "attack_source.analog: the source has no "
                             "conversion, so it was never analog");
    return STATUS_OK;
}

enum status attack_source_find(const struct spec *spec, struct spec *source,
                               struct arena *arena)
{
    const struct other *other = other_of(spec);
    struct spec changed = *spec;
    MUST(other && spec->at[SPEC_DATASET].kind);
    TRY(spec_change(&changed, other->changes, arena));
    for (size_t i = SPEC_ATTACK; i < SPEC_N_AXES; i++)
        changed.at[i] = spec->at[i];
    changed.at[SPEC_ATTACK_SOURCE] =
        (struct choice){&own, kind_defaults(&own, arena)};
    TRY(check(spec, &changed));
    *source = changed;
    return STATUS_OK;
}

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&own, &cell};

const struct axis attack_source_axis = {
    "attack_source", "whose network an attack is made on", kinds, KIND_COUNT(kinds), "own"};
