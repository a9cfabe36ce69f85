/* Numbers side by side: one vector register, or several narrower ones. Private
 * to the kernels of core/. Loaded and stored by memcpy, at any address. */
#ifndef CORE_LANES_H
#define CORE_LANES_H

enum { LANES = 16 };

struct lanes {
    float at __attribute__((vector_size(LANES * sizeof(float))));
};

#endif
