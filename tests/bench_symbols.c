#include "tests/bench_symbols.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first object is the program. */
static int take_bias(struct dl_phdr_info *info, size_t n_bytes, void *bias)
{
    (void)n_bytes;
    *(uintptr_t *)bias = info->dlpi_addr;
    return 1;
}

static const unsigned char *map_program(void)
{
    struct stat about;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    void *at = MAP_FAILED;
    if (fd < 0)
        return NULL;
    if (fstat(fd, &about) == 0)
        at = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    return at == MAP_FAILED ? NULL : at;
}

/* Static functions follow the name of their file; global ones come last. */
static void take_functions(const ElfW(Sym) *table, size_t n,
                           const char *strings, uintptr_t bias,
                           struct bench_symbols *symbols)
{
    const char *file = "";
    symbols->at = calloc(n, sizeof *symbols->at);
    for (size_t i = 0; i < n && symbols->at; i++) {
        const char *name = strings + table[i].st_name;
        unsigned kind = ELF64_ST_TYPE(table[i].st_info);
        bool is_local = ELF64_ST_BIND(table[i].st_info) == STB_LOCAL;
        if (kind == STT_FILE)
            file = name;
        if (kind != STT_FUNC || table[i].st_size == 0)
            continue;
        uintptr_t at = bias + table[i].st_value;
        symbols->at[symbols->n++] = (struct bench_symbol){
            at, at + table[i].st_size, name, is_local ? file : ""};
    }
}

static int compare(const void *left, const void *right)
{
    const struct bench_symbol *a = left, *b = right;
    return (a->at > b->at) - (a->at < b->at);
}

struct bench_symbols bench_symbols_read(void)
{
    struct bench_symbols symbols = {NULL, 0};
    const unsigned char *image = map_program();
    uintptr_t bias = 0;
    if (!image)
        return symbols;
    dl_iterate_phdr(take_bias, &bias);
    const ElfW(Ehdr) *head = (const void *)image;
    const ElfW(Shdr) *sections = (const void *)(image + head->e_shoff);
    for (size_t i = 0; i < head->e_shnum; i++)
        if (sections[i].sh_type == SHT_SYMTAB) {
            const ElfW(Shdr) *strings = &sections[sections[i].sh_link];
            take_functions((const void *)(image + sections[i].sh_offset),
                           sections[i].sh_size / sizeof(ElfW(Sym)),
                           (const char *)image + strings->sh_offset, bias,
                           &symbols);
            break;
        }
    qsort(symbols.at, symbols.n, sizeof *symbols.at, compare);
    return symbols;
}

void bench_symbols_free(struct bench_symbols *symbols)
{
    free(symbols->at);
    *symbols = (struct bench_symbols){NULL, 0};
}

static struct bench_symbol find_library(uintptr_t address)
{
    struct bench_symbol found = {address, address + 1, "", ""};
    Dl_info about;
    if (!dladdr((const void *)address, &about) || !about.dli_fname)
        return found;
    const char *slash = strrchr(about.dli_fname, '/');
    found.name = slash ? slash + 1 : about.dli_fname;
    return found;
}

struct bench_symbol bench_symbols_find(const struct bench_symbols *symbols,
                                       uintptr_t address)
{
    size_t low = 0, high = symbols->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (symbols->at[middle].at <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0 && address < symbols->at[low - 1].end)
        return symbols->at[low - 1];
    return find_library(address);
}
