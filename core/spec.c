#include "core/spec.h"
#include "core/attack_source.h"

#include <stdio.h>
#include <string.h>

struct spec spec_defaults(struct arena *arena)
{
    struct spec spec = {0};
    for (size_t i = 0; i < SPEC_ATTACK; i++) {
        const struct kind *kind =
            kind_find(spec_axes[i], spec_axes[i]->fallback);
        MUST(kind != NULL);
        spec.at[i] = (struct choice){kind, kind_defaults(kind, arena)};
    }
    return spec;
}

/* What a text is printed for decides what is in it. */
enum extent { EXTENT_IDENTITY, EXTENT_CELL, EXTENT_ALL };

static bool has_row(const struct row *row, const char *value,
                    enum extent extent)
{
    if (extent == EXTENT_ALL)
        return true;
    bool is_silent = extent == EXTENT_IDENTITY && row->later &&
                     strcmp(value, row->fallback) == 0;
    return !row->aside && !is_silent;
}

/* A text that grows at its end; the pieces before are not copied each time. */
struct growing {
    struct arena *arena;
    char *at;
    size_t n, capacity;
};

static void add(struct growing *text, const char *piece)
{
    size_t n = strlen(piece);
    if (text->capacity - text->n <= n) {
        const char *old = text->at;
        text->capacity = 2 * text->capacity + n + 1024;
        text->at = arena_take(text->arena, text->capacity);
        if (text->n)
            memcpy(text->at, old, text->n);
    }
    memcpy(text->at + text->n, piece, n + 1);
    text->n += n;
}

static void add_line(struct growing *text, const char *axis, const char *row,
                     const char *value)
{
    add(text, axis);
    add(text, row ? "." : "");
    add(text, row ? row : "");
    add(text, " = ");
    add(text, value);
    add(text, "\n");
}

static void print_rows(struct growing *text, const char *axis,
                       const struct choice *choice, enum extent extent)
{
    for (size_t i = 0; i < choice->kind->n_rows; i++) {
        const struct row *row = &choice->kind->rows[i];
        const char *value = row_print(row, choice->params, text->arena);
        if (has_row(row, value, extent))
            add_line(text, axis, row->name, value);
    }
}

/* Whether an axis that was added later is as if it were not there. */
static bool is_absent(const struct choice *choice, struct arena *arena)
{
    if (!choice->kind->later)
        return false;
    for (size_t i = 0; i < choice->kind->n_rows; i++) {
        const struct row *row = &choice->kind->rows[i];
        if (!row->aside &&
            strcmp(row_print(row, choice->params, arena), row->fallback) != 0)
            return false;
    }
    return true;
}

static const char *print_extent(const struct spec *spec, enum extent extent,
                                struct arena *arena)
{
    struct growing text = {.arena = arena};
    add(&text, "");
    for (size_t i = 0; i < SPEC_N_AXES; i++) {
        const struct axis *axis = spec_axes[i];
        const struct choice *choice = &spec->at[i];
        if (!choice->kind ||
            (extent == EXTENT_IDENTITY && is_absent(choice, arena)))
            continue;
        add_line(&text, axis->name, NULL, choice->kind->name);
        print_rows(&text, axis->name, choice, extent);
    }
    return text.at;
}

const char *spec_print(const struct spec *spec, bool with_asides,
                       struct arena *arena)
{
    return print_extent(spec, with_asides ? EXTENT_ALL : EXTENT_CELL, arena);
}

/* The changes that lead to the source say which cell that is together with all
 * the rest; its digest says so whatever they are called. A source that cannot
 * be has none. */
static const char *print_source(const struct spec *spec, struct arena *arena)
{
    char digest[DIGEST_TEXT_SIZE];
    struct spec source;
    if (attack_source_find(spec, &source, arena) != STATUS_OK) {
        status_forget();
        return "";
    }
    source = spec_without_attack(source);
    return arena_print(arena, "%s.network = %s\n",
                       spec_axes[SPEC_ATTACK_SOURCE]->name,
                       digest_print(spec_digest(&source), digest));
}

const char *spec_print_identity(const struct spec *spec, struct arena *arena)
{
    const char *text = print_extent(spec, EXTENT_IDENTITY, arena);
    return attack_source_is_other(spec)
               ? arena_print(arena, "%s%s", text, print_source(spec, arena))
               : text;
}

const char *spec_print_axis(enum spec_axis axis, struct choice choice,
                            struct arena *arena)
{
    struct spec alone = {.at = {{NULL, NULL}}};
    alone.at[axis] = choice;
    return print_extent(&alone, EXTENT_IDENTITY, arena);
}

/* The choice under construction; the arena that owns it is the caller's. */
struct parser {
    struct spec spec;
    void *params[SPEC_N_AXES];
    struct arena *arena;
    bool changes; /* a spec that is there, whose parameters others may share */
};

static enum status choose(struct parser *parser, size_t axis, const char *name)
{
    const struct kind *kind = kind_find(spec_axes[axis], name);
    if (!kind)
        return status_refuse(STATUS_INVALID, "%s = %s: no such kind",
                             spec_axes[axis]->name, name);
    parser->params[axis] = kind_defaults(kind, parser->arena);
    parser->spec.at[axis] = (struct choice){kind, parser->params[axis]};
    return STATUS_OK;
}

static void own(struct parser *parser, size_t axis)
{
    struct choice *choice = &parser->spec.at[axis];
    if (parser->params[axis])
        return;
    size_t n = choice->kind->params_size;
    parser->params[axis] = arena_take(parser->arena, n > 0 ? n : 1);
    if (n > 0)
        memcpy(parser->params[axis], choice->params, n);
    choice->params = parser->params[axis];
}

static enum status set(struct parser *parser, size_t axis, const char *name,
                       const char *value)
{
    const struct kind *kind = parser->spec.at[axis].kind;
    if (kind && parser->changes)
        own(parser, axis);
    if (!kind || !parser->params[axis])
        return status_refuse(STATUS_INVALID, "%s.%s comes before its kind",
                             spec_axes[axis]->name, name);
    const struct row *row = kind_find_row(kind, name);
    if (!row)
        return status_refuse(STATUS_INVALID, "%s has no parameter %s",
                             kind->name, name);
    return row_set(row, value, parser->params[axis], parser->arena);
}

/* "axis = kind" or "axis.row = value"; the line is taken apart in place. */
static enum status parse_line(struct parser *parser, char *line)
{
    char *value = strstr(line, " = ");
    if (!value)
        return status_refuse(STATUS_INVALID, "no \" = \" in \"%s\"", line);
    *value = '\0';
    value += 3;
    char *dot = strchr(line, '.');
    if (dot)
        *dot = '\0';
    enum spec_axis axis = spec_find_axis(line, strlen(line));
    if (axis == SPEC_N_AXES)
        return status_refuse(STATUS_INVALID, "no axis is called %s", line);
    return dot ? set(parser, axis, dot + 1, value)
               : choose(parser, axis, value);
}

enum status spec_parse(const char *text, struct spec *spec, struct arena *arena)
{
    struct parser parser = {spec_defaults(arena), {NULL}, arena, false};
    char *rest = arena_copy_text(arena, text);
    char *line;
    while ((line = strsep(&rest, "\n")))
        if (*line)
            TRY(parse_line(&parser, line));
    for (size_t i = SPEC_ATTACK + 1; i < SPEC_N_AXES; i++)
        if (parser.spec.at[SPEC_ATTACK].kind && !parser.spec.at[i].kind)
            TRY(choose(&parser, i, spec_axes[i]->fallback));
    *spec = parser.spec;
    return STATUS_OK;
}

enum status spec_change(struct spec *spec, const char *changes,
                        struct arena *arena)
{
    struct parser parser = {*spec, {NULL}, arena, true};
    char *rest = arena_copy_text(arena, changes);
    char *line;
    while ((line = strsep(&rest, ";")))
        if (*(line += strspn(line, " ")))
            TRY(parse_line(&parser, line));
    *spec = parser.spec;
    return STATUS_OK;
}

struct digest spec_digest(const struct spec *spec)
{
    struct arena arena = arena_open();
    const char *text = spec_print_identity(spec, &arena);
    struct digest digest = digest_of(text, strlen(text));
    arena_close(&arena);
    return digest;
}

struct spec spec_without_attack(struct spec spec)
{
    for (size_t i = SPEC_ATTACK; i < SPEC_N_AXES; i++)
        spec.at[i] = (struct choice){NULL, NULL};
    return spec;
}

const char *spec_objection(const struct spec *spec, struct arena *arena)
{
    for (size_t i = 0; i < SPEC_N_AXES; i++) {
        const struct kind *kind = spec->at[i].kind;
        const char *reason = kind && kind->applies ? kind->applies(spec) : NULL;
        if (reason)
            return arena_print(arena, "%s %s: %s", spec_axes[i]->name,
                               kind->name, reason);
    }
    return NULL;
}
