/*
 * Expressions over the figures and axes of a trial:
 *
 *     clean > 0.8 and encoding = poisson
 *     clean - pgd@8/255 < 0.3 or not (regularizer = none)
 *     regularizer.weight >= 0.1 and [pgd n_steps=7@8/255] > 0.2
 *
 * Words are figures (analysis/figure.h), axes (analysis/axes.h) or, compared to
 * an axis, its levels; in [..] or '..' they may have blanks and signs in them.
 * From the weakest: or, and, not, comparisons = != < <= > >=, + -, * /, a sign.
 * A level is a number where it reads as one. What has no value fulfils no
 * comparison. Accuracies are in 0 to 1.
 */
#ifndef ANALYSIS_EXPRESSION_H
#define ANALYSIS_EXPRESSION_H

#include "analysis/axes.h"
#include "analysis/figure.h"

struct expression;

/* Refused with the place and what is allowed there; words that are nothing
 * with what there is. Everything is in the arena; the text is copied. */
CHECKED enum status expression_read(const struct results *results,
                                    const char *text, struct arena *arena,
                                    const struct expression **expression);

/* Of a comparison 1 or 0; NaN where it has none. */
double expression_value(const struct expression *expression,
                        const struct results *results, size_t trial);

/* Whether it holds: a number that is neither 0 nor NaN. */
bool expression_holds(const struct expression *expression,
                      const struct results *results, size_t trial);

/* If it is an axis or a figure alone, that; else NULL. */
const struct axis_of_trials *
expression_axis(const struct expression *expression);
const struct figure *expression_figure(const struct expression *expression);

#endif
