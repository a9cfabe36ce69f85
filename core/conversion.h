/*
 * The axis "conversion": whether the network that is trained is the spiking one
 * itself, or an analog one whose weights it takes over.
 *
 * The analog network has one step, in which an activation of L levels stands
 * for each neuron (struct neuron_activation),
 *
 *     h(z) = lambda / L clip(floor(z L / lambda + 1/2), 0, L),
 *
 * and learns by the gradient of lambda clip(z / lambda, 0, 1):
 *
 *     dh/dz = 1 for 0 < z < lambda, else 0,
 *     dh/dlambda = (h - z) / lambda for 0 < z < lambda, 1 above, 0 below.
 *
 * Its flat vector is the spiking network's. An integrate-and-fire neuron with
 * threshold lambda, initial potential lambda / 2 and soft reset spikes
 * L h(z) / lambda times within T = L steps of a constant current z, and within
 * any other T as often as an activation of T levels says. Deeper layers get
 * currents that are not constant, which costs accuracy, the less the larger T
 * is. Lambda divides the current and is left out of what neurons hand on,
 * h / lambda and spikes of 1: the same functions with the next weights lambda
 * times as large.
 *
 * Levels are kept as bytes, and pooling adds four: at most 63. These are a
 * clipped ReLU to 1/126 of lambda; one that is not clipped has no levels and
 * is none of the kinds.
 *
 * Kinds: none, qcfs.
 */
#ifndef CORE_CONVERSION_H
#define CORE_CONVERSION_H

#include "core/kind.h"

struct conversion {
    struct kind kind;
    size_t (*count_levels)(const void *params); /* NULL: nothing is converted */
};

extern const struct axis conversion_axis;
const struct conversion *conversion_of(const struct kind *kind);

/* L of the analog network that the spec trains, or 0: none. */
size_t conversion_count_levels(const struct spec *spec);

#endif
