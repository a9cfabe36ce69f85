#include "core/checkpoint.h"
#include "core/status.h"

#include <string.h>

void checkpoint_add(struct checkpoint *checkpoint, void *at, size_t n_bytes)
{
    if (n_bytes == 0)
        return;
    MUST(checkpoint->n < CHECKPOINT_REGIONS_MAX);
    checkpoint->at[checkpoint->n++] = (struct region){at, n_bytes};
}

void checkpoint_add_record(struct checkpoint *checkpoint,
                           const struct record *record)
{
    for (int i = 0; i < RECORD_N_FIELDS; i++)
        if (record_has(record, (enum record_field)i))
            checkpoint_add(checkpoint, record->at[i],
                           record_count(record, (enum record_field)i) *
                               record_type_size(record_rows[i].type));
}

struct checkpoint checkpoint_lay_out_copy(const struct checkpoint *checkpoint,
                                          struct arena *arena)
{
    struct checkpoint copy = *checkpoint;
    for (size_t i = 0; i < copy.n; i++)
        copy.at[i].at = arena_take(arena, copy.at[i].n_bytes);
    return copy;
}

void checkpoint_copy(const struct checkpoint *from,
                     const struct checkpoint *to)
{
    MUST(from->n == to->n);
    for (size_t i = 0; i < from->n; i++) {
        MUST(from->at[i].n_bytes == to->at[i].n_bytes);
        memcpy(to->at[i].at, from->at[i].at, from->at[i].n_bytes);
    }
}

void checkpoint_offer(const struct checkpoint_keeper *keeper,
                      const struct checkpoint *checkpoint)
{
    if (keeper && keeper->is_due(keeper->self))
        keeper->keep(keeper->self, checkpoint);
}

bool checkpoint_restore(const struct checkpoint_keeper *keeper,
                        const struct checkpoint *checkpoint)
{
    return keeper && keeper->restore(keeper->self, checkpoint);
}
