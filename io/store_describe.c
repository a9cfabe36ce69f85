/* The schema of sweep.h5 in words. */
#include "core/checks.h"
#include "io/bytes.h"
#include "io/store.h"
#include "io/store_schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void say(struct bytes *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct bytes *text, const char *format, ...)
{
    char line[2048];
    va_list list;
    va_start(list, format);
    int n = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    MUST(n >= 0 && (size_t)n < sizeof line);
    bytes_append(text, line, (size_t)n);
}

static void say_type(struct bytes *text, const struct store_variable *variable)
{
    static const char *const names[] = {[STORE_F64] = "f64",
                                        [STORE_U64] = "u64",
                                        [STORE_U32] = "u32",
                                        [STORE_U8] = "u8",
                                        [STORE_TEXT] = "text"};
    say(text, " | %s | ", names[variable->type]);
}

static void say_variable(struct bytes *text,
                         const struct store_variable *variable)
{
    say(text, "| `%s` | ", variable->name);
    for (size_t i = 0; i < variable->rank; i++)
        say(text, "%s%s", i ? ", " : "",
            store_coordinates[variable->dimension[i]].name);
    say_type(text, variable);
    say(text, "%s | %s", strcmp(variable->unit, "1") ? variable->unit : "",
        variable->doc);
    if (variable->flags)
        say(text, ": 0, 1, ... for %s", variable->flags);
    if (variable->source == FROM_RECORD &&
        record_rows[variable->field].measured)
        say(text, " (not part of the digest)");
    say(text, " |\n");
}

static void say_group(struct bytes *text, enum store_group index,
                      const struct store_schema *schema)
{
    const struct store_group_row *row = &store_group_rows[index];
    say(text, "\n### /%s\n\n%s.\n\n", row->name, row->doc);
    say(text, "| name | over | type | unit | what |\n"
              "|---|---|---|---|---|\n");
    for (size_t i = 0; i < row->n_dimensions; i++)
        say_variable(text, &store_coordinates[row->dimension[i]]);
    for (size_t i = 0; i < schema->n; i++)
        if (schema->variables[i].group == index)
            say_variable(text, &schema->variables[i]);
}

static void say_checks(struct bytes *text)
{
    say(text, "\n### The checks\n\n"
              "| check | rule | figure | warns above | fails above |\n"
              "|---|---|---|---|---|\n");
    for (size_t i = 0; i < CHECK_N; i++)
        say(text, "| `%s` | %s | %s | %g | %g |\n", check_rows[i].name,
            check_rows[i].rule, check_rows[i].figure, check_rows[i].warn_above,
            check_rows[i].fail_above);
}

const char *store_describe(struct arena *arena)
{
    struct bytes text = {NULL, 0, 0};
    struct store_schema schema = store_schema_list(NULL, arena);
    say(&text, "Schema version %d.\n\n### Attributes of the root\n\n"
               "| name | what |\n|---|---|\n",
        STORE_SCHEMA_VERSION);
    for (size_t i = 0; i < store_n_root_rows; i++)
        say(&text, "| `%s` | %s |\n", store_root_rows[i].name,
            store_root_rows[i].doc);
    for (int i = 0; i < STORE_N_GROUPS; i++)
        say_group(&text, (enum store_group)i, &schema);
    say_checks(&text);
    char *copy = arena_take(arena, text.n + 1);
    memcpy(copy, text.at, text.n);
    bytes_free(&text);
    return copy;
}
