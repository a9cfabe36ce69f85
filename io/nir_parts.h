/* What the reader of NIR files is made of; private to io/nir_*.c. */
#ifndef IO_NIR_PARTS_H
#define IO_NIR_PARTS_H

#include "io/hdf5_take.h"
#include "io/nir.h"

#include <hdf5.h>

enum { NIR_NODES_MAX = 512 };

struct nir_node {
    const char *name, *type;
    size_t next;    /* the node after it; SIZE_MAX: none */
    size_t n_before; /* nodes before it */
};

/* An open file. */
struct nir_file {
    const char *path;
    size_t size;
    hid_t file;
    struct arena *arena;
    size_t n;
    struct nir_node nodes[NIR_NODES_MAX];
};

/* Opens a file, reads its nodes and which comes after which. Refuses what is
 * no graph, and one in which a node has two that come after it. */
CHECKED enum status nir_file_open(const char *path, struct arena *arena,
                                  struct nir_file *file);
void nir_file_close(struct nir_file *file);

/* A parameter of a node. Refuses one that is missing, of another rank, or not
 * finite. */
CHECKED enum status nir_file_get(const struct nir_file *file,
                                 const struct nir_node *node, const char *name,
                                 size_t least_rank, size_t most_rank,
                                 struct hdf5_numbers *array);
bool nir_file_has(const struct nir_file *file, const struct nir_node *node,
                  const char *name);

/* Metadata of a node, or of the graph (NULL). What is not there, or is of
 * another type, leaves the number as it is, or is NULL. */
void nir_file_note(const struct nir_file *file, const struct nir_node *node,
                   const char *key, double *value);
const char *nir_file_note_text(const struct nir_file *file, const char *key);
bool nir_file_note_array(const struct nir_file *file, const char *key,
                         struct hdf5_numbers *array);

/* A network as far as the chain has been followed. */
struct nir_chain {
    const struct nir_file *file;
    struct feedforward *net;
    double dt, threshold;
    struct image_shape shape; /* of what comes next */
    struct image_shape input;
    bool flat;     /* a vector, whatever its shape was */
    bool waits;    /* net->layers[n_layers] has weights, and no neurons yet */
    bool averaged; /* over the whole image: only the read-out may follow */
    double factor; /* what the next weights are multiplied by */
};

/* "PATH: node NAME (TYPE) WHAT; allowed is ALLOWED". */
CHECKED enum status nir_refuse_node(const struct nir_chain *chain,
                                    const struct nir_node *node,
                                    const char *what, const char *allowed);

/* Takes the next node of the chain, which is neither Input nor Output. */
CHECKED enum status nir_read_node(struct nir_chain *chain,
                                  const struct nir_node *node);

/* Neurons, for a layer whose weights are there: what follows from their
 * parameters, some of it put into the weights. *threshold is that of all
 * layers; 0: this is the first. */
CHECKED enum status nir_read_neurons(const struct nir_file *file,
                                     const struct nir_node *node, double dt,
                                     double *threshold,
                                     struct feedforward_layer *layer);

#endif
