/*
 * What the files analysis/statistics*.c share.
 */
#ifndef ANALYSIS_STATISTICS_PARTS_H
#define ANALYSIS_STATISTICS_PARTS_H

#include "analysis/statistics.h"

/* Values of which none is missing. */
struct values {
    size_t n;
    double *at;
    double close; /* what differs by less is the same but for rounding */
};

/* x[i], or x[i] - y[i] if there is a y, into `room` for n. */
struct values statistics_take(const double *x, const double *y, size_t n,
                              double *room);

double statistics_average(const struct values *values);

/* The sum of products of two things' distances from their averages. */
double statistics_product(const struct values *x, const struct values *y);

/* Ranks as statistics_rank; with them the sum over ties, t of them each, of
 * t^3 - t. */
double statistics_rank_close(const struct values *values, double *ranks);

#endif
