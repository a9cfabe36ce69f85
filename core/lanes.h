/* Numbers side by side: a vector register where the machine has such wide ones,
 * else several. Private to the kernels of core/. Loaded and stored by memcpy,
 * at any address. */
#ifndef CORE_LANES_H
#define CORE_LANES_H

#ifdef __AVX512F__
enum { LANES = 16, LANES_REGISTERS = 32 };
#else
enum { LANES = 8, LANES_REGISTERS = 16 };
#endif

struct lanes {
    float at __attribute__((vector_size(LANES * sizeof(float))));
};

#endif
