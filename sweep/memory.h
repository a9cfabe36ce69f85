/*
 * Memory of this node: how much is left for trials, and whether the system
 * has killed for the lack of it. Linux tells both in files below /proc and
 * /sys/fs/cgroup; `root` is put in front of their paths: "" but in tests.
 */
#ifndef SWEEP_MEMORY_H
#define SWEEP_MEMORY_H

#include <stddef.h>
#include <stdint.h>

enum { MEMORY_TEXT_SIZE = 16 };

/* Bytes that processes may still take without swapping: the least of what the
 * kernel holds available and what the control groups of this process (version
 * 1 or 2, all the way up) leave of their limits, but at least 1; 0 if the
 * system does not tell. */
uint64_t memory_available(const char *root);

/* How often the system has killed a process of this node for lack of memory,
 * since it started; 0 if it does not tell. */
uint64_t memory_count_kills(const char *root);

/* "35.0 GB", "812 MB", "94 kB", "0 kB": three digits or so. Returns `text`. */
const char *memory_print(uint64_t n_bytes, char text[MEMORY_TEXT_SIZE]);

#endif
