#include "core/engine.h"

const char *engine_name(void)
{
#if defined __AVX512F__
    return "avx512";
#elif defined __AVX2__
    return "avx2";
#elif defined __aarch64__
    return "neon";
#else
    return "plain";
#endif
}
