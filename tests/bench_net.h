/*
 * The nets of docs/performance.md, ready to be trained step by step on a few
 * batches that lie in memory, and to be attacked.
 *
 * Nets: a (MLP), b (convolutional), sgr (b with MPD-SGR and a surrogate of
 * bounded support), c (VGG-11), d (WRN-16-4). a, b and sgr see Fashion-MNIST;
 * c and d see CIFAR-10 if the environment's CIFAR10 names its folder, else
 * images that are made.
 */
#ifndef TESTS_BENCH_NET_H
#define TESTS_BENCH_NET_H

#include "core/model.h"

enum { BENCH_BATCHES = 8, BENCH_CLASSES = 10 };

struct bench_net {
    struct arena arena;
    struct spec spec;
    struct data_set data;
    size_t n_images, i_step; /* in a batch; steps so far */
    struct model *model;
    float *state; /* the optimizer's */
    float *images[BENCH_BATCHES];
    uint8_t *labels[BENCH_BATCHES];
    uint32_t *ids[BENCH_BATCHES];
};

/* Ends the program with the reason unless the status is STATUS_OK. */
void bench_must(enum status status);

/* The spec's text of the net of that name; NULL if there is none. */
const char *bench_net_text(const char *name, struct arena *arena);

/* Opens a net with lines of a spec added to its text, which hold from there
 * on: "network.n_steps = 8\n". The batch is training.batch_size. */
void bench_net_open(struct bench_net *net, const char *name, const char *more);
void bench_net_close(struct bench_net *net);

/* Some steps of training, without loading images. */
void bench_net_train(struct bench_net *net, size_t n_steps);

/* A pass over a batch as in a test; the densities are then its. */
void bench_net_test(struct bench_net *net);

/* The whole training that the spec describes; tells what came of it. */
struct bench_trained {
    double accuracy, inside; /* of clean data; Omega, mean over layers */
};
struct bench_trained bench_net_train_all(struct bench_net *net);

/* All that a sweep does for an attack: gradient of the clean image, random
 * start, all steps, the best iterate kept, and the verdict. Returns the
 * accuracy that is left. */
double bench_net_attack(struct bench_net *net);

/* Multiply-adds, times 2, of a training step of the dense net at all T steps:
 * forward plus a gradient of the weights and one of the input per layer; the
 * first layer has no gradient of its input. */
double bench_net_flop(const struct bench_net *net);

/* Neurons times T times images in a batch. */
double bench_net_neuron_steps(const struct bench_net *net);

/* Share of the entries of layer i's pooled output that are not zero, in the
 * last batch. */
double bench_net_density(const struct bench_net *net, size_t i);

#endif
