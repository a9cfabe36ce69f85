/*
 * The engine: core/, compiled for one instruction set. A program holds itself
 * once for each engine, and of these one is started (jobs/start.c). Results of
 * one engine on one build have the same bits; those of two differ by rounding.
 */
#ifndef CORE_ENGINE_H
#define CORE_ENGINE_H

/* "avx512", "avx2" or "plain" (SSE2) on x86-64, "neon" on aarch64, "plain"
 * elsewhere: what this copy was compiled for. */
const char *engine_name(void);

#endif
