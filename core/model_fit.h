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

/* Surrogates that follow each sample do so from pass back to pass back:
 * whether there are such; images first to first + n of the next are new ones;
 * it is about kept[0] < kept[1] < ... of the last; passes back leave them as
 * they are, or not. */
bool model_adapts(const struct model *model);
void model_forget(struct model *model, size_t first, size_t n);
void model_keep(struct model *model, size_t n, const uint32_t *kept);
void model_settle(struct model *model, bool settled);

#endif
