/*
 * Coverage-guided fuzzing of the readers of foreign bytes (libFuzzer; see
 * `make fuzz`): one program a reader, tests/fuzz/NAME.c, each with
 * LLVMFuzzerTestOneInput. A finding is a crash, a broken promise (MUST), a
 * sanitizer's report, or more than two minutes or 2 GB for one input. What a
 * reader refuses is no finding.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "core/spec.h"
#include "io/bytes.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A folder in memory, of this process alone, and a file in it; both live as
 * long as the process. Folders of such a name are made. */
const char *fuzz_folder(void);
const char *fuzz_path(const char *name);
void fuzz_write(const char *name, const void *data, size_t n);

/* What was fuzzed, with the checksum that bytes_unseal wants. */
struct bytes fuzz_seal(const uint8_t *data, size_t n);

/* A kind of data set that lies in the folder; of its other rows, up to two as
 * named. */
struct choice fuzz_dataset(const char *kind, struct arena *arena,
                           const char *const rows[4]);

/* Reads that data set as the program does, but for the cache. */
struct dataset_reader;
void fuzz_read_dataset(const struct dataset_reader *reader,
                       const struct choice *dataset, struct arena *arena);

#endif
