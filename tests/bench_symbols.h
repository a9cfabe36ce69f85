/* Names for addresses in this process: functions of the program itself, static
 * ones too, from its own symbol table, and libraries. */
#ifndef TESTS_BENCH_SYMBOLS_H
#define TESTS_BENCH_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct bench_symbol {
    uintptr_t at, end;
    const char *name;
    const char *file; /* "sparse.c" of a static function, else "" */
};

struct bench_symbols {
    struct bench_symbol *at; /* by address */
    size_t n;
};

/* Reads /proc/self/exe, which stays mapped. None found is no error. */
struct bench_symbols bench_symbols_read(void);
void bench_symbols_free(struct bench_symbols *symbols);

/* The function at the address. Outside of the program its name is the
 * library's ("libblis.so.4"); "" if that is not known either. */
struct bench_symbol bench_symbols_find(const struct bench_symbols *symbols,
                                       uintptr_t address);

#endif
