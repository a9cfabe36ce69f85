/* Sheets as tabulars by the rules of booktabs: no vertical lines, three rules,
 * and a thin one under a heading that neighbours share. */
#include "analysis/sheet_parts.h"

#include <string.h>

/* What LaTeX takes for something else. */
static const char *escape_of(char letter)
{
    static const struct {
        char letter;
        const char *escape;
    } escapes[] = {
        {'&', "\\&"},  {'%', "\\%"},  {'$', "\\$"}, {'#', "\\#"},
        {'_', "\\_"},  {'{', "\\{"},  {'}', "\\}"}, {'~', "\\textasciitilde{}"},
        {'^', "\\textasciicircum{}"}, {'\\', "\\textbackslash{}"},
        {'<', "\\textless{}"},        {'>', "\\textgreater{}"},
        {'|', "\\textbar{}"},
    };
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
        if (escapes[i].letter == letter)
            return escapes[i].escape;
    return NULL;
}

/* At most n bytes. */
static void write_letters(const char *text, size_t n, FILE *out)
{
    for (; *text && n; text++, n--) {
        const char *escape = escape_of(*text);
        if (escape)
            fputs(escape, out);
        else
            fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
    }
}

static void write_text(const char *text, FILE *out)
{
    write_letters(text, strlen(text), out);
}

/* Signs of numbers are those of mathematics. */
static void write_number(const char *text, FILE *out)
{
    static const char plus_minus[] = "±";
    while (*text) {
        if (!strncmp(text, plus_minus, strlen(plus_minus))) {
            fputs("$\\pm$", out);
            text += strlen(plus_minus);
            continue;
        }
        if (*text == '-' && text[1])
            fputs("$-$", out);
        else if (*text == '-')
            fputs("--", out);
        else if (*text == '+')
            fputs("$+$", out);
        else if (*text == '<')
            fputs("$<$", out);
        else
            fputc(*text, out);
        text++;
    }
}

static void write_cell(const struct sheet *sheet, size_t row, size_t column,
                       FILE *out)
{
    const struct sheet_cell *cell = sheet_cell(sheet, row, column);
    char number[SHEET_NUMBER_SIZE];
    const struct sheet_column *about = &sheet->columns[column];
    if (about->is_text && cell->text) {
        write_letters(cell->text,
                      about->n_letters ? about->n_letters
                                       : strlen(cell->text),
                      out);
        return;
    }
    if (about->is_text) {
        return;
    }
    sheet_print_number(&sheet->columns[column], cell->number, number);
    write_number(number, out);
}

/* A column and what is read beside it; of the latter nothing where it has no
 * value. */
static void write_place(const struct sheet *sheet, size_t row, size_t column,
                        FILE *out)
{
    bool marked = sheet_cell(sheet, row, column)->is_marked;
    size_t n = sheet_count_beside(sheet, column);
    fputs(marked ? "\\textbf{" : "", out);
    write_cell(sheet, row, column, out);
    fputs(marked ? "}" : "", out);
    for (size_t i = column + 1; i <= column + n; i++) {
        struct arena arena = arena_open();
        if (!sheet->columns[i].for_programs &&
            *sheet_print_cell(sheet, row, i, &arena)) {
            fputs(" ", out);
            write_cell(sheet, row, i, out);
        }
        arena_close(&arena);
    }
}

/* heads --------------------------------------------------------------- */

static bool is_under(const struct sheet *sheet, size_t column,
                     const char *over)
{
    const char *own =
        column < sheet->n_columns ? sheet->columns[column].over : NULL;
    return over && own && !strcmp(own, over);
}

/* How many places, from this one on, share the heading over them; the first
 * column behind them. */
static size_t count_under(const struct sheet *sheet, size_t column,
                          size_t *behind)
{
    const char *over = sheet->columns[column].over;
    size_t n = 1, next = sheet_next_place(sheet, column + 1);
    for (; is_under(sheet, next, over); n++)
        next = sheet_next_place(sheet, next + 1);
    *behind = next;
    return n;
}

static void write_overs(const struct sheet *sheet, FILE *out)
{
    size_t behind;
    for (size_t i = sheet_next_place(sheet, 0); i < sheet->n_columns;
         i = behind) {
        const char *over = sheet->columns[i].over;
        size_t n = count_under(sheet, i, &behind);
        if (over)
            fprintf(out, "\\multicolumn{%zu}{c}{", n);
        write_text(over ? over : "", out);
        fputs(over ? "}" : "", out);
        fputs(behind < sheet->n_columns ? " & " : " \\\\\n", out);
    }
}

static void write_rules(const struct sheet *sheet, FILE *out)
{
    size_t place = 1, behind;
    for (size_t i = sheet_next_place(sheet, 0); i < sheet->n_columns;
         i = behind) {
        size_t n = count_under(sheet, i, &behind);
        if (sheet->columns[i].over)
            fprintf(out, "\\cmidrule(lr){%zu-%zu}", place, place + n - 1);
        place += n;
    }
    fputc('\n', out);
}

static void write_heads(const struct sheet *sheet, FILE *out)
{
    bool has_overs = false;
    for (size_t i = 0; i < sheet->n_columns; i++)
        has_overs |= sheet->columns[i].over != NULL;
    if (has_overs) {
        write_overs(sheet, out);
        write_rules(sheet, out);
    }
    for (size_t i = sheet_next_place(sheet, 0), next; i < sheet->n_columns;
         i = next) {
        next = sheet_next_place(sheet, i + 1);
        write_text(sheet_heading(&sheet->columns[i]), out);
        fputs(next < sheet->n_columns ? " & " : " \\\\\n", out);
    }
}

void sheet_write_latex(const struct sheet *sheet, FILE *out)
{
    fputs("% \\usepackage{booktabs}\n\\begin{tabular}{", out);
    for (size_t i = sheet_next_place(sheet, 0); i < sheet->n_columns;
         i = sheet_next_place(sheet, i + 1))
        fputc(sheet->columns[i].is_text ? 'l' : 'r', out);
    fputs("}\n\\toprule\n", out);
    write_heads(sheet, out);
    fputs("\\midrule\n", out);
    for (size_t row = 0; row < sheet->n_rows; row++)
        for (size_t i = sheet_next_place(sheet, 0), next;
             i < sheet->n_columns; i = next) {
            next = sheet_next_place(sheet, i + 1);
            write_place(sheet, row, i, out);
            fputs(next < sheet->n_columns ? " & " : " \\\\\n", out);
        }
    fputs("\\bottomrule\n\\end{tabular}\n", out);
    for (size_t i = 0; i < sheet->n_notes; i++)
        fprintf(out, "%% %s\n", sheet->notes[i]);
}
