/*
 * HDF5 files that are whole, but not what a reader expects: a good file again,
 * of which objects are left out, linked elsewhere, renamed, and made anew with
 * other values, types and shapes. The HDF5 library never sees bytes that it did
 * not write, so that what is fuzzed is what this program makes of them.
 */
#ifndef TESTS_FUZZ_TWIST_H
#define TESTS_FUZZ_TWIST_H

#include <hdf5.h>
#include <stddef.h>
#include <stdint.h>

/* Writes the good file. */
typedef void twist_base(const char *path);

/* fuzz_path(name) is the base, twisted; each four bytes of `data` say one
 * change. The base is written once, and is the same for a process's life. */
void twist(twist_base *base, const char *name, const uint8_t *data, size_t n);

#endif
