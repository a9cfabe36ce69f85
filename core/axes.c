/* The axes of an experiment, in the order of the canonical text. */
#include "core/adversary.h"
#include "core/attack.h"
#include "core/attack_source.h"
#include "core/attention.h"
#include "core/augmentation.h"
#include "core/backward_rule.h"
#include "core/conversion.h"
#include "core/dataset.h"
#include "core/encoding.h"
#include "core/deflation.h"
#include "core/gate.h"
#include "core/loss.h"
#include "core/network.h"
#include "core/neuron.h"
#include "core/normalization.h"
#include "core/optimizer.h"
#include "core/regularizer.h"
#include "core/retraction.h"
#include "core/schedule.h"
#include "core/spec.h"
#include "core/surrogate.h"
#include "core/training.h"

#include <string.h>

const struct axis *const spec_axes[SPEC_N_AXES] = {
    [SPEC_DATASET] = &dataset_axis,
    [SPEC_ENCODING] = &encoding_axis,
    [SPEC_NETWORK] = &network_axis,
    [SPEC_NORMALIZATION] = &normalization_axis,
    [SPEC_ATTENTION] = &attention_axis,
    [SPEC_NEURON] = &neuron_axis,
    [SPEC_SURROGATE] = &surrogate_axis,
    [SPEC_GATE] = &gate_axis,
    [SPEC_LOSS] = &loss_axis,
    [SPEC_REGULARIZER] = &regularizer_axis,
    [SPEC_DEFLATION] = &deflation_axis,
    [SPEC_OPTIMIZER] = &optimizer_axis,
    [SPEC_RETRACTION] = &retraction_axis,
    [SPEC_SCHEDULE] = &schedule_axis,
    [SPEC_AUGMENTATION] = &augmentation_axis,
    [SPEC_ADVERSARY] = &adversary_axis,
    [SPEC_CONVERSION] = &conversion_axis,
    [SPEC_TRAINING] = &training_axis,
    [SPEC_ATTACK] = &attack_axis,
    [SPEC_ATTACK_SURROGATE] = &attack_surrogate_axis,
    [SPEC_ATTACK_RULE] = &backward_rule_axis,
    [SPEC_ATTACK_SOURCE] = &attack_source_axis,
};

enum spec_axis spec_find_axis(const char *name, size_t n)
{
    enum spec_axis i = 0;
    while (i < SPEC_N_AXES && (strlen(spec_axes[i]->name) != n ||
                               memcmp(spec_axes[i]->name, name, n) != 0))
        i++;
    return i;
}
