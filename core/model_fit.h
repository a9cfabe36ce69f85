/*
 * Surrogates that follow what neurons do, in attacks, whose results must not
 * depend on which samples a pass is about.
 */
#ifndef CORE_MODEL_FIT_H
#define CORE_MODEL_FIT_H

#include "core/model.h"

/* Surrogates that follow moments are fitted to those of all images between
 * these, in test passes of one image each, and from then on stay as they are:
 * the order of images counts, nothing else does. */
void model_begin_calibration(struct model *model);
void model_end_calibration(struct model *model, size_t n_images);

#endif
