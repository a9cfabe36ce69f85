/*
 * Sobol' points: the first 2^k, k = 0, 1, .. 32, have in each dimension one of
 * each interval of length 2^-k (Sobol', USSR Comput. Math. Math. Phys. 7
 * (1967)), by the direction numbers of Joe and Kuo, SIAM J. Sci. Comput. 30
 * (2008), whose pairs of dimensions are good as well; in the order of Antonov
 * and Saleev (1979), which is that of Joe and Kuo's own program.
 */
#ifndef CORE_SOBOL_H
#define CORE_SOBOL_H

#include <stddef.h>
#include <stdint.h>

enum { SOBOL_DIMENSIONS = 64 };

/* The dimension's number of the i-th point, as a share of 2^32. */
uint32_t sobol_number(size_t dimension, uint32_t i);

#endif
