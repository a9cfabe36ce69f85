/* Numbers side by side: a vector register of the engine's instruction set
 * (core/engine.h). Private to the kernels of core/. Loaded and stored by
 * memcpy, at any address. */
#ifndef CORE_LANES_H
#define CORE_LANES_H

/* Wider vectors than the machine's would be kept in memory by gcc. */
#if defined __AVX512F__
enum { LANES = 16, LANES_REGISTERS = 32 };
#elif defined __AVX2__
enum { LANES = 8, LANES_REGISTERS = 16 };
#elif defined __aarch64__
enum { LANES = 4, LANES_REGISTERS = 32 };
#else
enum { LANES = 4, LANES_REGISTERS = 16 };
#endif

struct lanes {
    float at __attribute__((vector_size(LANES * sizeof(float))));
};

#endif
