/*
 * Reference vectors of attacks, for other programs to be tested against: one
 * HDF5 file with the network as NIR (io/nir.h: the file can be read as such),
 * its numbers as in io/weights_file.h, and
 *
 *     /vectors/input      [n][C][H][W]  images in [0, 1]
 *     /vectors/label      [n]
 *     /vectors/logits     [n][K]        on these
 *     /vectors/loss       [n]           cross-entropy of each
 *     /vectors/gradient   [n][C][H][W]  of each loss by its image
 *     /vectors/attacks/I/name           "pgd"
 *                       /parameters     its lines of a canonical text
 *                       /epsilon        [E]
 *                       /start          [E][n][C H W]  the first step's image
 *                       /adversarial    [E][n][C H W]  the last one's result
 *                       /logits         [E][n][K]      there
 */
#ifndef IO_VECTORS_FILE_H
#define IO_VECTORS_FILE_H

#include "core/reference.h"
#include "io/nir.h"

struct vectors {
    const struct spec *spec; /* of the network */
    const struct data_set *data;
    const struct weights *weights;
    const struct feedforward *net;
    const struct nir_notes *notes;
    size_t n_attacks; /* at least one; all on the same samples */
    const struct spec *attacks;
    const struct reference *references;
};

CHECKED enum status vectors_file_write(const char *path,
                                       const struct vectors *vectors);

#endif
