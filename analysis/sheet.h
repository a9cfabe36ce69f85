/*
 * Sheets: rows by columns of texts and numbers, which a command fills once and
 * which are then written for people or for programs.
 *
 * Text is for a terminal of 120 columns: wider sheets are broken into blocks
 * that begin with the same heads; one without rows is its notes. Numbers are
 * scaled and rounded there and in LaTeX (accuracies in percent); CSV and JSON
 * have them as they are stored, with all their digits. CSV is that of RFC 4180
 * but for lines that end in a newline alone; what has no value is empty. JSON
 * is one object: "title", "columns" with their "name", "unit" and "doc", "rows"
 * with a value by each name, null where there is none, "notes". LaTeX is a
 * tabular by the rules of booktabs.
 */
#ifndef ANALYSIS_SHEET_H
#define ANALYSIS_SHEET_H

#include "core/arena.h"
#include "core/status.h"

#include <stdbool.h>
#include <stdio.h>

enum sheet_format { SHEET_TEXT, SHEET_CSV, SHEET_JSON, SHEET_LATEX };

enum { SHEET_WIDTH = 120 };

struct sheet_column {
    const char *name;    /* for programs, each once: "pgd@8/255" */
    const char *heading; /* for people; NULL: the name */
    const char *over;    /* a heading that neighbours share, or NULL */
    const char *unit;    /* of what is stored; NULL: none */
    const char *doc;     /* a sentence, or NULL */
    bool is_text;
    bool is_head;        /* names the row; before all others */
    bool beside;   /* people read it behind the column before: "78.3 ±0.4" */
    bool for_programs;   /* people do not see it */
    size_t n_letters;    /* of a text that people see; 0: all */
    /* Numbers as people read them: */
    double scale;        /* 0: 1 */
    int n_decimals;      /* below 0: so many significant digits */
    bool has_sign;       /* differences: +1.2 */
    bool is_probability; /* below 0.0001 no more is said */
    const char *before, *after; /* each number: "±"; NULL: nothing */
};

struct sheet_cell {
    const char *text; /* NULL: none */
    double number;
    bool is_marked; /* a star; bold in LaTeX; nothing for programs */
};

/* Texts are borrowed: they must live as long as the sheet. */
struct sheet {
    const char *title; /* for programs, and of refusals */
    struct arena *arena;
    size_t n_columns, n_rows, n_notes;
    struct sheet_column *columns;
    struct sheet_cell *cells; /* [row][column] */
    const char **notes;       /* sentences below */
    size_t column_room, cell_room, note_room;
};

struct sheet sheet_open(const char *title, struct arena *arena);

/* All columns come before the first row. The column's index. */
size_t sheet_add_column(struct sheet *sheet, struct sheet_column column);
/* A head with texts. */
size_t sheet_add_head(struct sheet *sheet, const char *name, const char *doc);

/* A new last row, in which nothing has a value. Its index. */
size_t sheet_add_row(struct sheet *sheet);

void sheet_put_text(struct sheet *sheet, size_t row, size_t column,
                    const char *text);
void sheet_put_number(struct sheet *sheet, size_t row, size_t column,
                      double number);
void sheet_mark(struct sheet *sheet, size_t row, size_t column);
void sheet_add_note(struct sheet *sheet, const char *note);

const struct sheet_cell *sheet_cell(const struct sheet *sheet, size_t row,
                                    size_t column);

/* The cell as people read it, without those beside it: "78.3", "-"; of texts
 * the text. In the arena. */
const char *sheet_print_cell(const struct sheet *sheet, size_t row,
                             size_t column, struct arena *arena);

/* Refuses only what `out` refuses (a full disk). */
CHECKED enum status sheet_write(const struct sheet *sheet,
                                enum sheet_format format, FILE *out);

#endif
