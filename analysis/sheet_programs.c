/* Sheets as programs read them: CSV and JSON. */
#include "analysis/sheet_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The shortest text that is read as the same number. */
static void print_exact(double number, char text[SHEET_NUMBER_SIZE])
{
    for (int n_digits = 15; n_digits <= 17; n_digits++) {
        snprintf(text, SHEET_NUMBER_SIZE, "%.*g", n_digits, number);
        if (strtod(text, NULL) == number)
            return;
    }
}

/* CSV ----------------------------------------------------------------- */

static void write_field(const char *text, FILE *out)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void write_number(double number, FILE *out)
{
    char text[SHEET_NUMBER_SIZE];
    if (isnan(number))
        return;
    print_exact(number, text);
    fputs(text, out);
}

void sheet_write_csv(const struct sheet *sheet, FILE *out)
{
    for (size_t i = 0; i < sheet->n_columns; i++) {
        if (i)
            fputc(',', out);
        write_field(sheet->columns[i].name, out);
    }
    fputc('\n', out);
    for (size_t row = 0; row < sheet->n_rows; row++) {
        for (size_t i = 0; i < sheet->n_columns; i++) {
            const struct sheet_cell *cell = sheet_cell(sheet, row, i);
            if (i)
                fputc(',', out);
            if (!sheet->columns[i].is_text)
                write_number(cell->number, out);
            else if (cell->text)
                write_field(cell->text, out);
        }
        fputc('\n', out);
    }
}

/* JSON ---------------------------------------------------------------- */

static void write_string(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            fprintf(out, "\\u%04x", (unsigned)(unsigned char)*text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

/* JSON knows no infinities. */
static void write_value(const struct sheet *sheet, size_t row, size_t column,
                        FILE *out)
{
    const struct sheet_cell *cell = sheet_cell(sheet, row, column);
    if (sheet->columns[column].is_text && cell->text)
        write_string(cell->text, out);
    else if (sheet->columns[column].is_text || !isfinite(cell->number))
        fputs("null", out);
    else
        write_number(cell->number, out);
}

static void write_member(const char *name, const char *text, FILE *out)
{
    if (!text)
        return;
    fprintf(out, ", \"%s\": ", name);
    write_string(text, out);
}

static void write_columns(const struct sheet *sheet, FILE *out)
{
    for (size_t i = 0; i < sheet->n_columns; i++) {
        fprintf(out, "%s\n    {\"name\": ", i ? "," : "");
        write_string(sheet->columns[i].name, out);
        write_member("unit", sheet->columns[i].unit, out);
        write_member("doc", sheet->columns[i].doc, out);
        fputc('}', out);
    }
}

static void write_rows(const struct sheet *sheet, FILE *out)
{
    for (size_t row = 0; row < sheet->n_rows; row++) {
        fprintf(out, "%s\n    {", row ? "," : "");
        for (size_t i = 0; i < sheet->n_columns; i++) {
            if (i)
                fputs(", ", out);
            write_string(sheet->columns[i].name, out);
            fputs(": ", out);
            write_value(sheet, row, i, out);
        }
        fputc('}', out);
    }
}

void sheet_write_json(const struct sheet *sheet, FILE *out)
{
    fputs("{\n  \"title\": ", out);
    write_string(sheet->title, out);
    fputs(",\n  \"columns\": [", out);
    write_columns(sheet, out);
    fputs("\n  ],\n  \"rows\": [", out);
    write_rows(sheet, out);
    fputs("\n  ],\n  \"notes\": [", out);
    for (size_t i = 0; i < sheet->n_notes; i++) {
        fputs(i ? ",\n    " : "\n    ", out);
        write_string(sheet->notes[i], out);
    }
    fputs(sheet->n_notes ? "\n  ]\n}\n" : "]\n}\n", out);
}
