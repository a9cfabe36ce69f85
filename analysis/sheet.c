#include "analysis/sheet.h"
#include "analysis/sheet_parts.h"

#include <math.h>
#include <string.h>

/* filling ------------------------------------------------------------- */

struct sheet sheet_open(const char *title, struct arena *arena)
{
    return (struct sheet){.title = title, .arena = arena};
}

/* Room for one more thing of a size, twice as much where it is used up. */
static void *make_room(struct arena *arena, void *at, size_t n, size_t *room,
                       size_t n_bytes)
{
    if (n < *room)
        return at;
    *room = *room ? 2 * *room : 16;
    void *more = arena_take(arena, *room * n_bytes);
    if (n)
        memcpy(more, at, n * n_bytes);
    return more;
}

size_t sheet_add_column(struct sheet *sheet, struct sheet_column column)
{
    MUST(sheet->n_rows == 0);
    sheet->columns =
        make_room(sheet->arena, sheet->columns, sheet->n_columns,
                  &sheet->column_room, sizeof *sheet->columns);
    sheet->columns[sheet->n_columns] = column;
    return sheet->n_columns++;
}

size_t sheet_add_head(struct sheet *sheet, const char *name, const char *doc)
{
    return sheet_add_column(sheet, (struct sheet_column){.name = name,
                                                         .doc = doc,
                                                         .is_text = true,
                                                         .is_head = true});
}

size_t sheet_add_row(struct sheet *sheet)
{
    sheet->cells = make_room(sheet->arena, sheet->cells, sheet->n_rows,
                             &sheet->cell_room,
                             sheet->n_columns * sizeof *sheet->cells);
    struct sheet_cell *row = sheet->cells + sheet->n_rows * sheet->n_columns;
    for (size_t i = 0; i < sheet->n_columns; i++)
        row[i] = (struct sheet_cell){.number = NAN};
    return sheet->n_rows++;
}

static struct sheet_cell *cell_at(const struct sheet *sheet, size_t row,
                                  size_t column)
{
    MUST(row < sheet->n_rows && column < sheet->n_columns);
    return &sheet->cells[row * sheet->n_columns + column];
}

void sheet_put_text(struct sheet *sheet, size_t row, size_t column,
                    const char *text)
{
    MUST(sheet->columns[column].is_text);
    cell_at(sheet, row, column)->text = text;
}

void sheet_put_number(struct sheet *sheet, size_t row, size_t column,
                      double number)
{
    MUST(!sheet->columns[column].is_text);
    cell_at(sheet, row, column)->number = number;
}

void sheet_mark(struct sheet *sheet, size_t row, size_t column)
{
    cell_at(sheet, row, column)->is_marked = true;
}

void sheet_add_note(struct sheet *sheet, const char *note)
{
    sheet->notes = make_room(sheet->arena, sheet->notes, sheet->n_notes,
                             &sheet->note_room, sizeof *sheet->notes);
    sheet->notes[sheet->n_notes++] = note;
}

const struct sheet_cell *sheet_cell(const struct sheet *sheet, size_t row,
                                    size_t column)
{
    return cell_at(sheet, row, column);
}

/* numbers and places -------------------------------------------------- */

const char *sheet_heading(const struct sheet_column *column)
{
    return column->heading ? column->heading : column->name;
}

static const char *or_nothing(const char *text)
{
    return text ? text : "";
}

/* What rounds to nothing has no sign. */
static void print_decimals(const struct sheet_column *column, double value,
                           char text[SHEET_NUMBER_SIZE])
{
    if (fabs(value) < pow(10, -column->n_decimals) / 2)
        value = 0;
    snprintf(text, SHEET_NUMBER_SIZE,
             column->has_sign && value != 0 ? "%s%+.*f%s" : "%s%.*f%s",
             or_nothing(column->before), column->n_decimals, value,
             or_nothing(column->after));
}

void sheet_print_number(const struct sheet_column *column, double number,
                        char text[SHEET_NUMBER_SIZE])
{
    double value = number * (column->scale != 0 ? column->scale : 1);
    if (isnan(number))
        snprintf(text, SHEET_NUMBER_SIZE, "%s", column->beside ? "" : "-");
    else if (column->is_probability && value < 0.0001)
        snprintf(text, SHEET_NUMBER_SIZE, "<0.0001");
    else if (column->n_decimals < 0)
        snprintf(text, SHEET_NUMBER_SIZE, "%s%.*g%s",
                 or_nothing(column->before), -column->n_decimals, value,
                 or_nothing(column->after));
    else
        print_decimals(column, value, text);
}

const char *sheet_print_cell(const struct sheet *sheet, size_t row,
                             size_t column, struct arena *arena)
{
    const struct sheet_cell *cell = cell_at(sheet, row, column);
    char text[SHEET_NUMBER_SIZE];
    if (sheet->columns[column].is_text)
        return cell->text ? cell->text : "";
    sheet_print_number(&sheet->columns[column], cell->number, text);
    return arena_copy_text(arena, text);
}

size_t sheet_count_beside(const struct sheet *sheet, size_t column)
{
    size_t n = 0;
    while (column + n + 1 < sheet->n_columns &&
           (sheet->columns[column + n + 1].beside ||
            sheet->columns[column + n + 1].for_programs))
        n++;
    return n;
}

size_t sheet_next_place(const struct sheet *sheet, size_t column)
{
    while (column < sheet->n_columns &&
           (sheet->columns[column].beside ||
            sheet->columns[column].for_programs))
        column++;
    return column;
}

/* writing ------------------------------------------------------------- */

enum status sheet_write(const struct sheet *sheet, enum sheet_format format,
                        FILE *out)
{
    static void (*const write[])(const struct sheet *, FILE *) = {
        [SHEET_TEXT] = sheet_write_text,
        [SHEET_CSV] = sheet_write_csv,
        [SHEET_JSON] = sheet_write_json,
        [SHEET_LATEX] = sheet_write_latex,
    };
    write[format](sheet, out);
    if (fflush(out) != 0 || ferror(out))
        return status_refuse_errno("cannot write the %s", sheet->title);
    return STATUS_OK;
}
