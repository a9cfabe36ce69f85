#include "jobs/folder_state.h"
#include "sweep/folder.h"

/* The cells that are to run. */
static enum status find_cells(const char *path, FILE *notes,
                              struct arena *arena, struct study *study)
{
    if (study_open(path, arena, study) == STATUS_OK)
        return STATUS_OK;
    if (notes)
        fprintf(notes, "%s; cells are not held against their data\n",
                status_reason());
    status_forget();
    TRY(experiment_read(path, arena, &study->experiment));
    study->cells = space_enumerate(&study->experiment, arena);
    return STATUS_OK;
}

enum status folder_state_read(const char *folder, FILE *notes,
                              struct arena *arena, struct folder_state *state)
{
    const char *segments = folder_segments(folder, arena);
    const char *path = arena_print(arena, "%s/experiment.cfg", folder);
    *state = (struct folder_state){0};
    TRY(find_cells(path, notes, arena, &state->study));
    ledger_open(&state->study.experiment, &state->study.cells, 1, arena,
                &state->ledger);
    TRY(presence_list(segments, 0, arena, &state->presences));
    return coverage_take(&state->ledger, segments, &state->presences, arena,
                         &state->coverage);
}
