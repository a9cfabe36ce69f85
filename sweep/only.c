#include "sweep/only.h"

#include <string.h>

/* reading ------------------------------------------------------------- */

static size_t count_names(const char *text)
{
    size_t n = 1;
    for (; *text; text++)
        n += *text == ',';
    return n;
}

enum status only_read(const char *text, const struct cells *cells,
                      struct arena *arena, struct only *only)
{
    *only = (struct only){.is_given = text != NULL};
    only->failed = text && strcmp(text, "failed") == 0;
    if (!text || only->failed)
        return STATUS_OK;
    struct digest *digests =
        ARENA_ARRAY(arena, struct digest, count_names(text));
    for (const char *word = text; word;) {
        size_t n = strcspn(word, ","), i;
        const char *name = arena_print(arena, "%.*s", (int)n, word);
        if (space_find(cells, name, &i) != STATUS_OK)
            return status_refuse(STATUS_INVALID, "--only %s: %s", text,
                                 arena_copy_text(arena, status_reason()));
        digests[only->n++] = cells->at[i].digest;
        word = word[n] ? word + n + 1 : NULL;
    }
    only->cells = digests;
    return STATUS_OK;
}

/* choosing ------------------------------------------------------------ */

static bool has_failed(const struct task *task)
{
    return !ledger_is_final(task) && (task->recalled == OUTCOME_FAILED ||
                                      task->recalled == OUTCOME_TIMED_OUT ||
                                      task->recalled == OUTCOME_SET_ASIDE);
}

static void choose(const struct only *only, const struct ledger *ledger,
                   bool *chosen)
{
    for (size_t i = 0; only->failed && i < ledger->n_tasks; i++)
        chosen[ledger->tasks[i].cell] |= has_failed(&ledger->tasks[i]);
    for (size_t c = 0; c < ledger->cells->n; c++)
        for (size_t i = 0; i < only->n && !chosen[c]; i++)
            chosen[c] =
                digest_equal(ledger->cells->at[c].digest, only->cells[i]);
}

size_t only_apply(const struct only *only, struct ledger *ledger)
{
    struct arena scratch = arena_open();
    bool *chosen = ARENA_ARRAY(&scratch, bool, ledger->cells->n + 1);
    size_t n = 0;
    choose(only, ledger, chosen);
    ledger_leave_out(ledger, chosen);
    for (size_t i = 0; i < ledger->n_tasks; i++)
        n += ledger->tasks[i].state < TASK_DONE;
    arena_close(&scratch);
    return n;
}
