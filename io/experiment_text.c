/*
 * The text of an experiment file: the files that it includes put in place,
 * and what libconfig's scanner cannot be trusted with taken out.
 */
#include "io/bytes.h"
#include "io/experiment_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TEXT_MAX = 4 << 20, /* bytes in all */
    NESTING_MAX = 16    /* of brackets; no valid file has more than 5 */
};

static const char blanks[] = " \t\r\f";

/* All files together, as they are put one into the other. */
struct weaver {
    struct arena *arena;
    struct bytes whole, plain;
    int line; /* of both texts, the one being written */
    int n_files, nesting;
    struct experiment_text *text;
};

/* One file being scanned. */
struct scan {
    struct weaver *weaver;
    const char *file; /* its path */
    const char *at;   /* what is left of its text */
    int line;
    bool fresh; /* nothing but blanks since the line's start */
};

static enum status weave(struct weaver *weaver, const char *path);

/* files --------------------------------------------------------------- */

static enum status read_stream(FILE *stream, const char *path,
                               struct bytes *bytes)
{
    char piece[4096];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, stream)) > 0) {
        bytes_append(bytes, piece, n);
        if (bytes->n > TEXT_MAX)
            return status_refuse(STATUS_INVALID,
                                 "%s: an experiment file has at most 4 MiB",
                                 path);
    }
    if (ferror(stream))
        return status_refuse_errno("%s: cannot read", path);
    return STATUS_OK;
}

static int count_lines(const char *at, size_t n)
{
    int lines = 1;
    for (size_t i = 0; i < n; i++)
        lines += at[i] == '\n';
    return lines;
}

static enum status read_file(const char *path, struct arena *arena,
                             const char **text)
{
    FILE *stream = fopen(path, "re");
    if (!stream)
        return status_refuse_errno("%s: cannot read", path);
    struct bytes bytes = {NULL, 0, 0};
    enum status status = read_stream(stream, path, &bytes);
    fclose(stream);
    const char *zero = bytes.n ? memchr(bytes.at, '\0', bytes.n) : NULL;
    if (status == STATUS_OK && zero) {
        size_t n = (size_t)(zero - (const char *)bytes.at);
        status = status_refuse(STATUS_INVALID,
                               "%s:%d: a zero byte; an experiment file is text",
                               path, count_lines((char *)bytes.at, n));
    }
    if (status == STATUS_OK) {
        bytes_append(&bytes, "", 1);
        *text = arena_copy_text(arena, (const char *)bytes.at);
    }
    bytes_free(&bytes);
    return status;
}

/* origins ------------------------------------------------------------- */

static void note_origin(const struct scan *scan)
{
    struct experiment_text *text = scan->weaver->text;
    text->origins[text->n_origins++] = (struct experiment_origin){
        scan->weaver->line, scan->file, scan->line};
}

struct experiment_origin
experiment_text_origin(const struct experiment_text *text, int line)
{
    size_t i = text->n_origins;
    while (i > 1 && text->origins[i - 1].start > line)
        i--;
    struct experiment_origin origin = text->origins[i - 1];
    if (line > origin.start)
        origin.line += line - origin.start;
    origin.start = line;
    return origin;
}

/* scanning ------------------------------------------------------------ */

static enum status refuse(const struct scan *scan, int line, const char *why)
{
    return status_refuse(STATUS_INVALID, "%s:%d: %s", scan->file, line, why);
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_name_start(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           byte == '*';
}

static bool is_in_name(char byte)
{
    return is_name_start(byte) || is_digit(byte) || byte == '_' || byte == '-';
}

/* The next n bytes go into both texts, or into the whole one only; of the
 * latter the lines' ends are kept in the plain one. */
static void copy(struct scan *scan, size_t n, bool plain_too)
{
    struct weaver *weaver = scan->weaver;
    bytes_append(&weaver->whole, scan->at, n);
    if (plain_too)
        bytes_append(&weaver->plain, scan->at, n);
    for (size_t i = 0; i < n; i++) {
        if (scan->at[i] != '\n')
            continue;
        scan->line++;
        weaver->line++;
        if (!plain_too)
            bytes_append(&weaver->plain, "\n", 1);
    }
    scan->at += n;
}

static enum status scan_comment(struct scan *scan)
{
    const char *end = strstr(scan->at + 2, "*/");
    if (!end)
        return refuse(scan, scan->line, "a comment /* that has no end */");
    bytes_append(&scan->weaver->plain, " ", 1);
    copy(scan, (size_t)(end + 2 - scan->at), false);
    return STATUS_OK;
}

static enum status scan_text(struct scan *scan)
{
    const char *end = scan->at + 1;
    while (*end && *end != '"' && *end != '\n')
        end += end[0] == '\\' && end[1] && end[1] != '\n' ? 2 : 1;
    if (*end != '"')
        return refuse(scan, scan->line,
                      "a text that has no closing quote on its line");
    copy(scan, (size_t)(end + 1 - scan->at), true);
    return STATUS_OK;
}

/* A number's bytes, as far as libconfig's scanner could go. */
static size_t number_length(const char *at)
{
    bool hex = at[0] == '0' && (at[1] == 'x' || at[1] == 'X');
    size_t n = 0;
    while (is_digit(at[n]) || is_name_start(at[n]) || at[n] == '.' ||
           (n > 0 && !hex && (at[n] == '-' || at[n] == '+') &&
            (at[n - 1] == 'e' || at[n - 1] == 'E')))
        n++;
    return n;
}

/* Puts a real into the plain text in the place of the next n bytes. */
static void write_real(struct scan *scan, size_t n, double real)
{
    char text[40];
    int length = snprintf(text, sizeof text, "%.17e", real);
    bytes_append(&scan->weaver->plain, text, (size_t)length);
    bytes_append(&scan->weaver->whole, scan->at, n);
    scan->at += n;
}

/* Refuses a number; in front, the key that was set last: "KEY: ". */
static enum status refuse_number(const struct scan *scan, const char *why)
{
    const struct bytes *plain = &scan->weaver->plain;
    const char *text = plain->n ? (const char *)plain->at : "";
    const char *equals = plain->n ? memrchr(text, '=', plain->n) : NULL;
    size_t start, end = equals ? (size_t)(equals - text) : 0;
    while (end > 0 && strchr(blanks, text[end - 1]))
        end--;
    for (start = end; start > 0 && is_in_name(text[start - 1]); start--)
        continue;
    return refuse(scan, scan->line,
                  arena_print(scan->weaver->arena, "%.*s%s%s",
                              (int)(end - start), text + start,
                              end > start ? ": " : "", why));
}

/* 8/255: what perturbations are given in. */
static enum status scan_fraction(struct scan *scan, double numerator,
                                 const char *denominator)
{
    char *end;
    double divisor = (double)strtoull(denominator, &end, 10);
    if (divisor == 0 || is_in_name(*end) || *end == '.' || *end == '/')
        return refuse_number(
            scan, "a fraction is two whole numbers, the second above 0: 8/255");
    write_real(scan, (size_t)(end - scan->at), numerator / divisor);
    return STATUS_OK;
}

static enum status scan_number(struct scan *scan)
{
    size_t n = number_length(scan->at);
    char *end;
    bool hex = scan->at[0] == '0' && (scan->at[1] == 'x' || scan->at[1] == 'X');
    errno = 0;
    unsigned long long whole = strtoull(scan->at, &end, hex ? 16 : 10);
    size_t n_suffix = strspn(end, "L");
    if (!is_digit(*scan->at) || end + n_suffix != scan->at + n ||
        n_suffix > 2) {
        copy(scan, n, true); /* a real, or what libconfig will refuse */
        return STATUS_OK;
    }
    if (errno == ERANGE || whole > 1ULL << 53)
        return refuse_number(
            scan, "a whole number may be at most 9007199254740992 (2^53)");
    if (!hex && end[0] == '/' && is_digit(end[1]))
        return scan_fraction(scan, (double)whole, end + 1);
    write_real(scan, n, (double)whole);
    return STATUS_OK;
}

/* A path in an @include is meant from the folder of the file that has it. */
static const char *included_path(const struct scan *scan, const char *name,
                                 size_t n)
{
    const char *slash = strrchr(scan->file, '/');
    int n_folder =
        slash && *name != '/' ? (int)(slash + 1 - scan->file) : 0;
    return arena_print(scan->weaver->arena, "%.*s%.*s", n_folder, scan->file,
                       (int)n, name);
}

/* The name in @include "NAME", of n bytes; NULL if what stands at the scanner
 * is anything else, or does not have a line of its own. */
static const char *include_name(const struct scan *scan, size_t *n)
{
    static const char directive[] = "@include";
    size_t n_directive = strlen(directive);
    if (!scan->fresh || strncmp(scan->at, directive, n_directive) != 0)
        return NULL;
    const char *name = scan->at + n_directive;
    name += strspn(name, blanks);
    if (*name++ != '"')
        return NULL;
    *n = strcspn(name, "\"\n");
    if (name[*n] != '"')
        return NULL;
    const char *rest = name + *n + 1;
    rest += strspn(rest, blanks);
    return *rest == '\0' || *rest == '\n' || *rest == '#' ? name : NULL;
}

/* Copies the end of the line, also where the file has none. */
static void end_line(struct scan *scan)
{
    const char *end = scan->at;
    scan->at = "\n";
    copy(scan, 1, true);
    scan->at = *end ? end + 1 : end;
}

/* The line of the @include stays as a comment. */
static enum status scan_include(struct scan *scan)
{
    size_t n;
    int line = scan->line;
    const char *name = include_name(scan, &n);
    if (!name)
        return refuse(scan, line,
                      "an @ outside of texts: allowed is @include \"FILE\" on "
                      "a line of its own");
    const char *path = included_path(scan, name, n);
    bytes_append(&scan->weaver->whole, "# ", 2);
    copy(scan, strcspn(scan->at, "\n"), false);
    end_line(scan);
    enum status status = weave(scan->weaver, path);
    if (status != STATUS_OK && status != STATUS_INVALID)
        return status_refuse(status, "%s:%d: @include: %s", scan->file, line,
                             status_reason());
    TRY(status);
    note_origin(scan);
    return STATUS_OK;
}

static enum status scan_byte(struct scan *scan)
{
    char byte = *scan->at;
    int *nesting = &scan->weaver->nesting;
    *nesting += byte == '(' || byte == '[' || byte == '{';
    *nesting -= byte == ')' || byte == ']' || byte == '}';
    if (*nesting > NESTING_MAX)
        return refuse(scan, scan->line, "brackets nested over 16 deep");
    copy(scan, 1, true);
    return STATUS_OK;
}

static enum status scan_token(struct scan *scan)
{
    const char *at = scan->at;
    if (at[0] == '#' || (at[0] == '/' && at[1] == '/'))
        copy(scan, strcspn(at, "\n"), false);
    else if (at[0] == '/' && at[1] == '*')
        return scan_comment(scan);
    else if (at[0] == '"')
        return scan_text(scan);
    else if (at[0] == '@')
        return scan_include(scan);
    else if (is_digit(at[0]) || at[0] == '.')
        return scan_number(scan);
    else if (is_name_start(at[0])) {
        size_t n = 1;
        while (is_in_name(at[n]))
            n++;
        copy(scan, n, true);
    } else
        return scan_byte(scan);
    return STATUS_OK;
}

static bool ends_line(const struct bytes *bytes)
{
    return bytes->n == 0 || bytes->at[bytes->n - 1] == '\n';
}

static enum status scan_all(struct scan *scan)
{
    while (*scan->at) {
        bool fresh = scan->fresh && strchr(blanks, *scan->at);
        TRY(scan_token(scan));
        scan->fresh = fresh || ends_line(&scan->weaver->whole);
    }
    return STATUS_OK;
}

/* Adds a file, and those that it includes, behind what is there. */
static enum status weave(struct weaver *weaver, const char *path)
{
    if (++weaver->n_files > EXPERIMENT_FILES_MAX)
        return status_refuse(STATUS_INVALID,
                             "%s: over %d files are included; does one include "
                             "itself?",
                             path, EXPERIMENT_FILES_MAX);
    struct scan scan = {.weaver = weaver, .file = path, .line = 1,
                        .fresh = true};
    TRY(read_file(path, weaver->arena, &scan.at));
    note_origin(&scan);
    TRY(scan_all(&scan));
    if (weaver->whole.n > TEXT_MAX)
        return status_refuse(STATUS_INVALID, "%s: over 4 MiB in all", path);
    if (weaver->n_files > 1 && !ends_line(&weaver->whole))
        end_line(&scan);
    return STATUS_OK;
}

enum status experiment_text_read(const char *path, struct arena *arena,
                                 struct experiment_text *text)
{
    struct experiment_text read = {.n_origins = 0};
    struct weaver weaver = {.arena = arena, .line = 1, .text = &read};
    enum status status = weave(&weaver, arena_copy_text(arena, path));
    if (status == STATUS_OK) {
        bytes_append(&weaver.whole, "", 1);
        bytes_append(&weaver.plain, "", 1);
        read.whole = arena_copy_text(arena, (const char *)weaver.whole.at);
        read.plain = arena_copy_text(arena, (const char *)weaver.plain.at);
        *text = read;
    }
    bytes_free(&weaver.whole);
    bytes_free(&weaver.plain);
    return status;
}
