/*
 * NIR, the neuromorphic intermediate representation (Pedersen et al., Nat.
 * Commun. 15:8122, 2024), as the Python package nir writes it to HDF5:
 *
 *     /version                     text
 *     /node/type                   "NIRGraph"
 *     /node/nodes/NAME/type        "Affine", "LIF", ..., and its parameters
 *     /node/edges                  [n][2] names
 *     /node/metadata/KEY           what NIR cannot say
 *
 * Neurons of NIR are differential equations, tau dv/dt = v_leak - v + r I; a
 * step of length dt is taken by Euler's method, as all programs do that read
 * such files:
 *
 *     leak = 1 - dt/tau,  gain = r dt/tau  (IF: leak 1, gain r dt)
 *
 * so that ours have tau = dt / (1 - leak), r = gain tau/dt, v_leak = 0,
 * v_threshold = V_th, v_reset = 0. A neuron whose leak is 1 is an IF with
 * r = gain/dt; one with a synaptic current is a CubaLIF, tau_syn dI/dt =
 * w_in z - I, with r = tau_mem/dt, tau_syn = dt / (1 - synaptic_leak) and
 * w_in = tau_syn/dt. NIR fires where v > v_threshold, this program where
 * v >= V_th: they differ where the two are equal to the last bit.
 */
#ifndef IO_NIR_H
#define IO_NIR_H

#include "core/feedforward.h"

/* How to write what can be written in two ways; some programs read but one. */
struct nir_style {
    bool unit_r;   /* LIF with r = 1: potentials, and with them V_th, are
                      scaled by 1 - leak */
    bool sum_pool; /* SumPool2d for AvgPool2d, and the next weights a quarter */
};

/* What a file says besides the network. Texts are NULL where it says nothing.
 */
struct nir_notes {
    struct nir_style style; /* of files to be written */
    double dt;            /* seconds; 0: not known */
    const char *spec;     /* canonical text of the cell */
    bool soft_reset, says_reset;
    size_t n_steps;       /* 0: not known */
    const float *mean, *deviation; /* [n_noted] that inputs are normalized by */
    size_t n_noted;
};

/* Durable. The same network gives the same bytes. */
CHECKED enum status nir_write(const char *path, const struct feedforward *net,
                              const struct nir_notes *notes);

/* How to read what a file does not say; what is 0 is the file's own. */
struct nir_choices {
    double dt;      /* else the file's, else 1e-4 s, as snnTorch and
                       SpikingJelly have it */
    size_t n_steps;
    struct image_shape shape; /* of which an input of one dimension is a
                                 flattening, channels first */
};

/* Whether the file has a group /node. Refuses what is no HDF5. */
CHECKED enum status nir_is_graph(const char *path, bool *is_graph);

/* A chain of Input, Flatten, Conv2d, Affine, Linear, IF, LIF, CubaLIF,
 * AvgPool2d, SumPool2d, Output as a plain network, in `arena`. What differs
 * from neuron to neuron of a channel in r, w_in and v_threshold, what v_leak
 * adds, and sums instead of averages are put into weights. A chain that ends in
 * neurons is read out by the identity: its logits are mean spike counts.
 * Refuses all else with a sentence that names the node and what is allowed. */
CHECKED enum status nir_read(const char *path,
                             const struct nir_choices *choices,
                             struct arena *arena, struct feedforward *net,
                             struct nir_notes *notes);

#endif
