#include "tests/read_experiment.h"
#include "tests/scratch.h"

#include <stdio.h>
#include <string.h>

struct experiment read_experiment_file(struct arena *arena, const char *path)
{
    struct experiment experiment;
    enum status status = experiment_read(path, arena, &experiment);
    if (status != STATUS_OK)
        fprintf(stderr, "%s\n", status_reason());
    MUST(status == STATUS_OK);
    return experiment;
}

struct experiment read_experiment_text(struct arena *arena, const char *text)
{
    struct scratch scratch = scratch_make();
    const char *path = scratch_path(&scratch, "file.cfg");
    scratch_write(path, text, strlen(text));
    struct experiment experiment = read_experiment_file(arena, path);
    scratch_remove(&scratch);
    return experiment;
}
