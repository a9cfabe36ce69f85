/* A checkpoint of three regions: taken whole, or nothing is changed. */
#include "io/checkpoint_file.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum { N_A = 40, N_B = 1000, N_C = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static unsigned char a[N_A], b[N_B], c[N_C], zeros[N_B];
    struct checkpoint checkpoint = {3, {{a, N_A}, {b, N_B}, {c, N_C}}};
    memset(a, 0, sizeof a);
    memset(b, 0, sizeof b);
    memset(c, 0, sizeof c);
    fuzz_write("task.checkpoint", data, n);
    if (checkpoint_file_read(fuzz_path("task.checkpoint"),
                             (struct digest){1, 2},
                             &checkpoint) != STATUS_OK)
        MUST(memcmp(a, zeros, N_A) == 0 && memcmp(b, zeros, N_B) == 0 &&
             memcmp(c, zeros, N_C) == 0);
    status_forget();
    return 0;
}
