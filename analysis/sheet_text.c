/* Sheets as people read them in a terminal. */
#include "analysis/notes.h"
#include "analysis/sheet_parts.h"

#include <string.h>

enum { GAP = 2, PLACE_SIZE = 1024 };

/* A place: a column and those that are read beside it. */
struct place {
    size_t column, n_beside, width;
    size_t number_width; /* of the column alone, star and all */
    size_t beside_width; /* of the rest */
    bool is_left; /* texts stand to the left, numbers to the right */
    bool marks;   /* some cell has a star: all keep room for it, so that digits
                     stay in line */
};

struct layout {
    const struct sheet *sheet;
    size_t n, n_heads, head_width;
    struct place *at;
    FILE *out;
};

/* Columns on the screen: bytes that go on with a letter do not count. */
static size_t width_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* Control characters would break the row. */
static void append(char text[PLACE_SIZE], const char *more)
{
    size_t n = strlen(text);
    for (; *more && n + 1 < PLACE_SIZE; more++)
        text[n++] = (unsigned char)*more < ' ' ? ' ' : *more;
    text[n] = '\0';
}

static void print_cell(const struct sheet *sheet, size_t row, size_t column,
                       char text[PLACE_SIZE])
{
    const struct sheet_column *about = &sheet->columns[column];
    const struct sheet_cell *cell = sheet_cell(sheet, row, column);
    char number[SHEET_NUMBER_SIZE];
    if (about->is_text) {
        append(text, cell->text ? cell->text : "");
        if (about->n_letters && strlen(text) > about->n_letters)
            text[about->n_letters] = '\0';
        return;
    }
    sheet_print_number(about, cell->number, number);
    append(text, number);
}

static void append_blanks(char text[PLACE_SIZE], size_t n)
{
    while (n--)
        append(text, " ");
}

/* The column's own part, with its star. */
static void print_own(const struct sheet *sheet, const struct place *place,
                      size_t row, char text[PLACE_SIZE])
{
    bool marked = sheet_cell(sheet, row, place->column)->is_marked;
    text[0] = '\0';
    print_cell(sheet, row, place->column, text);
    if (place->marks)
        append(text, marked ? "*" : place->is_left ? "" : " ");
}

static void print_place(const struct sheet *sheet, const struct place *place,
                        size_t row, char text[PLACE_SIZE])
{
    char own[PLACE_SIZE];
    print_own(sheet, place, row, own);
    text[0] = '\0';
    if (!place->is_left)
        append_blanks(text, place->number_width - width_of(own));
    append(text, own);
    for (size_t i = 1; i <= place->n_beside; i++) {
        const struct sheet_column *about = &sheet->columns[place->column + i];
        char more[PLACE_SIZE] = "";
        if (about->for_programs)
            continue;
        print_cell(sheet, row, place->column + i, more);
        append(text, *more ? " " : "");
        append(text, more);
    }
}

static bool has_marks(const struct sheet *sheet, size_t column)
{
    for (size_t i = 0; i < sheet->n_rows; i++)
        if (sheet_cell(sheet, i, column)->is_marked)
            return true;
    return false;
}

static void fit(const struct sheet *sheet, struct place *place)
{
    char text[PLACE_SIZE];
    place->width = width_of(sheet_heading(&sheet->columns[place->column]));
    for (size_t i = 0; i < sheet->n_rows; i++) {
        print_own(sheet, place, i, text);
        size_t n = width_of(text);
        if (n > place->number_width)
            place->number_width = n;
    }
    for (size_t i = 0; i < sheet->n_rows; i++) {
        print_place(sheet, place, i, text);
        size_t n = width_of(text);
        place->width = n > place->width ? n : place->width;
        if (!place->is_left && n - place->number_width > place->beside_width)
            place->beside_width = n - place->number_width;
    }
}

static struct layout lay_out(const struct sheet *sheet, struct arena *arena,
                             FILE *out)
{
    struct layout layout = {
        .sheet = sheet,
        .at = ARENA_ARRAY(arena, struct place, sheet->n_columns + 1),
        .out = out};
    for (size_t i = sheet_next_place(sheet, 0); i < sheet->n_columns;
         i = sheet_next_place(sheet, i + 1)) {
        struct place *place = &layout.at[layout.n++];
        *place = (struct place){.column = i,
                                .n_beside = sheet_count_beside(sheet, i),
                                .is_left = sheet->columns[i].is_text};
        place->marks = has_marks(sheet, i);
        fit(sheet, place);
        if (!sheet->columns[i].is_head)
            continue;
        layout.n_heads++;
        layout.head_width += place->width + GAP;
    }
    return layout;
}

static size_t count_under(const struct layout *layout, size_t first,
                          size_t end)
{
    const struct sheet_column *columns = layout->sheet->columns;
    const char *over = columns[layout->at[first].column].over;
    size_t n = 1;
    while (over && first + n < end &&
           columns[layout->at[first + n].column].over &&
           !strcmp(columns[layout->at[first + n].column].over, over))
        n++;
    return n;
}

static size_t width_under(const struct layout *layout, size_t first, size_t n)
{
    size_t width = 0;
    for (size_t i = first; i < first + n; i++)
        width += layout->at[i].width + (i > first ? GAP : 0);
    return width;
}

/* A heading over neighbours is no wider than they are: the last grows. */
static void widen(struct layout *layout)
{
    for (size_t i = 0, n; i < layout->n; i += n) {
        const char *over = layout->sheet->columns[layout->at[i].column].over;
        n = count_under(layout, i, layout->n);
        size_t width = width_under(layout, i, n);
        if (over && width_of(over) > width)
            layout->at[i + n - 1].width += width_of(over) - width;
    }
}

/* rows ---------------------------------------------------------------- */

struct line {
    FILE *out;
    size_t n_blanks; /* not yet written: lines do not end in blanks */
    bool begun;
};

static void write_in(struct line *line, const char *text, size_t width,
                     bool is_left)
{
    size_t n = width_of(text), fill = width > n ? width - n : 0;
    size_t n_bytes = strlen(text);
    while (n_bytes && text[n_bytes - 1] == ' ')
        n_bytes--;
    line->n_blanks += (line->begun ? GAP : 0) + (is_left ? 0 : fill);
    line->begun = true;
    if (n_bytes) {
        fprintf(line->out, "%*s%.*s", (int)line->n_blanks, "", (int)n_bytes,
                text);
        line->n_blanks = 0;
    }
    line->n_blanks += (n_bytes ? strlen(text) - n_bytes : n) +
                      (is_left ? fill : 0);
}

static void write_overs(struct layout *layout, struct line *line, size_t first,
                        size_t end)
{
    for (size_t i = first, n; i < end; i += n) {
        const char *over = layout->sheet->columns[layout->at[i].column].over;
        n = count_under(layout, i, end);
        write_in(line, over ? over : "", width_under(layout, i, n), true);
    }
}

static bool has_overs(const struct layout *layout, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        if (layout->sheet->columns[layout->at[i].column].over)
            return true;
    return false;
}

static void write_headings(const struct layout *layout, struct line *line,
                           size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        const struct place *place = &layout->at[i];
        write_in(line, sheet_heading(&layout->sheet->columns[place->column]),
                 place->width, place->is_left);
    }
}

/* What is read beside a number may be missing: then blanks are. */
static void write_row(const struct layout *layout, struct line *line,
                      size_t row, size_t first, size_t end)
{
    char text[PLACE_SIZE];
    for (size_t i = first; i < end; i++) {
        const struct place *place = &layout->at[i];
        print_place(layout->sheet, place, row, text);
        if (!place->is_left)
            append_blanks(text, place->number_width + place->beside_width -
                                    width_of(text));
        write_in(line, text, place->width, place->is_left);
    }
}

/* Heads, then places from `first` to before `end`. */
static void write_block(struct layout *layout, size_t first, size_t end)
{
    FILE *out = layout->out;
    size_t n_heads = layout->n_heads;
    struct line over = {.out = out}, heading = {.out = out};
    if (has_overs(layout, 0, n_heads) || has_overs(layout, first, end)) {
        write_overs(layout, &over, 0, n_heads);
        write_overs(layout, &over, first, end);
        fputc('\n', out);
    }
    write_headings(layout, &heading, 0, n_heads);
    write_headings(layout, &heading, first, end);
    fputc('\n', out);
    for (size_t row = 0; row < layout->sheet->n_rows; row++) {
        struct line line = {.out = out};
        write_row(layout, &line, row, 0, n_heads);
        write_row(layout, &line, row, first, end);
        fputc('\n', out);
    }
}

/* Where a block that begins here ends. */
static size_t end_of_block(const struct layout *layout, size_t first)
{
    size_t end = first, width = layout->head_width;
    while (end < layout->n) {
        width += layout->at[end].width + (end > first ? GAP : 0);
        if (end > first && width > SHEET_WIDTH)
            break;
        end++;
    }
    return end;
}

void sheet_write_text(const struct sheet *sheet, FILE *out)
{
    struct arena arena = arena_open();
    struct layout layout = lay_out(sheet, &arena, out);
    size_t first = layout.n_heads, end;
    widen(&layout);
    while (sheet->n_rows && first <= layout.n) {
        end = end_of_block(&layout, first);
        if (first > layout.n_heads)
            fputc('\n', out);
        write_block(&layout, first, end);
        first = end < layout.n ? end : layout.n + 1;
    }
    if (sheet->n_notes && sheet->n_rows)
        fputc('\n', out);
    for (size_t i = 0; i < sheet->n_notes; i++)
        notes_print_sentence(sheet->notes[i], "", "", out);
    arena_close(&arena);
}
