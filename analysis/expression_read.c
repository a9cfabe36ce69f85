/* From text to expression, by recursive descent. */
#include "analysis/expression_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 200 };

/* nodes --------------------------------------------------------------- */

static struct expression *make(struct expression_parser *parser,
                               enum operation operation,
                               const struct expression *left,
                               const struct expression *right)
{
    struct expression *made = ARENA_ARRAY(parser->arena, struct expression, 1);
    *made = (struct expression){
        .operation = operation, .left = left, .right = right};
    return made;
}

static double number_of_text(const char *text)
{
    char *end;
    double number = strtod(text, &end);
    return end == text || *end ? (double)NAN : number;
}

static const struct expression *make_axis(struct expression_parser *parser,
                                          const struct axis_of_trials *axis)
{
    struct expression *made = make(parser, OP_AXIS, NULL, NULL);
    double *numbers = ARENA_ARRAY(parser->arena, double, axis->n + 1);
    for (size_t i = 0; i < axis->n; i++)
        numbers[i] = number_of_text(axis->levels[i]);
    made->axis = *axis;
    made->numbers = numbers;
    return made;
}

/* A figure; else an axis; else refused with what figures there are. */
static enum status read_name(struct expression_parser *parser,
                             const struct expression **read)
{
    const char *word = parser->token.text;
    struct figure figure;
    struct axis_of_trials axis;
    if (axes_find(parser->results, word, parser->arena, &axis) == STATUS_OK) {
        *read = make_axis(parser, &axis);
        return STATUS_OK;
    }
    TRY(figure_find(parser->results, word, parser->arena, &figure));
    struct expression *made = make(parser, OP_FIGURE, NULL, NULL);
    made->figure = figure;
    *read = made;
    return STATUS_OK;
}

static bool has_level(const struct axis_of_trials *axis, const char *text)
{
    for (size_t i = 0; i < axis->n; i++)
        if (!strcmp(axis->levels[i], text))
            return true;
    return false;
}

/* The word that an axis is compared to. */
static enum status read_level(struct expression_parser *parser,
                              const struct axis_of_trials *axis,
                              const struct expression **read)
{
    const char *list = "";
    for (size_t i = 0; i < axis->n && i < 20; i++)
        list = arena_print(parser->arena, "%s%s%s", list, i ? ", " : "",
                           axis->levels[i]);
    if (!has_level(axis, parser->token.text))
        return status_refuse(STATUS_NOT_FOUND,
                             "%s: no trial has %s = %s; there are %s",
                             parser->text, axis->key, parser->token.text,
                             list);
    struct expression *made = make(parser, OP_LEVEL, NULL, NULL);
    made->text = arena_copy_text(parser->arena, parser->token.text);
    *read = made;
    return expression_advance(parser);
}

/* grammar ------------------------------------------------------------- */

struct operator {
    const char *sign;
    enum operation operation;
};

static enum status read_or(struct expression_parser *parser,
                           const struct expression **read);

static enum status read_nested(struct expression_parser *parser,
                               const struct expression **read)
{
    TRY(expression_advance(parser));
    TRY(read_or(parser, read));
    if (!expression_is_at(parser, ")"))
        return expression_refuse(parser, "a ) is missing");
    return expression_advance(parser);
}

static enum status read_primary(struct expression_parser *parser,
                                const struct expression **read)
{
    if (++parser->depth > DEPTH_MAX)
        return expression_refuse(parser, "too deeply nested");
    if (expression_is_at(parser, "-")) {
        const struct expression *operand = NULL;
        TRY(expression_advance(parser));
        TRY(read_primary(parser, &operand));
        *read = make(parser, OP_NEGATIVE, operand, NULL);
    } else if (expression_is_at(parser, "(")) {
        TRY(read_nested(parser, read));
    } else if (parser->token.kind == TOKEN_NUMBER) {
        struct expression *made = make(parser, OP_NUMBER, NULL, NULL);
        made->number = parser->token.number;
        *read = made;
        TRY(expression_advance(parser));
    } else if (parser->token.kind == TOKEN_WORD) {
        TRY(read_name(parser, read));
        TRY(expression_advance(parser));
    } else {
        return expression_refuse(
            parser, "a figure, an axis, a number or ( is needed");
    }
    parser->depth--;
    return STATUS_OK;
}

static const struct operator *
find_operator(const struct expression_parser *parser,
              const struct operator *operators)
{
    for (; operators->sign; operators++)
        if (expression_is_at(parser, operators->sign))
            return operators;
    return NULL;
}

/* Operands of one strength, from the left. */
static enum status
read_chain(struct expression_parser *parser, const struct operator *operators,
           enum status (*operand)(struct expression_parser *,
                                  const struct expression **),
           const struct expression **read)
{
    const struct operator *found;
    const struct expression *left = NULL, *right = NULL;
    TRY(operand(parser, &left));
    while ((found = find_operator(parser, operators))) {
        TRY(expression_advance(parser));
        TRY(operand(parser, &right));
        left = make(parser, found->operation, left, right);
    }
    *read = left;
    return STATUS_OK;
}

static enum status read_product(struct expression_parser *parser,
                                const struct expression **read)
{
    static const struct operator operators[] = {
        {"*", OP_TIMES}, {"/", OP_OVER}, {NULL, 0}};
    return read_chain(parser, operators, read_primary, read);
}

static enum status read_sum(struct expression_parser *parser,
                            const struct expression **read)
{
    static const struct operator operators[] = {
        {"+", OP_PLUS}, {"-", OP_MINUS}, {NULL, 0}};
    return read_chain(parser, operators, read_product, read);
}

static enum status read_comparison(struct expression_parser *parser,
                                   const struct expression **read)
{
    static const struct operator operators[] = {
        {"=", OP_EQUAL},    {"==", OP_EQUAL}, {"!=", OP_UNEQUAL},
        {"<=", OP_AT_MOST}, {"<", OP_BELOW},  {">=", OP_AT_LEAST},
        {">", OP_ABOVE},    {NULL, 0}};
    const struct expression *left = NULL, *right = NULL;
    TRY(read_sum(parser, &left));
    const struct operator *found = find_operator(parser, operators);
    if (!found) {
        *read = left;
        return STATUS_OK;
    }
    bool equality =
        found->operation == OP_EQUAL || found->operation == OP_UNEQUAL;
    TRY(expression_advance(parser));
    if (equality && left->operation == OP_AXIS &&
        parser->token.kind == TOKEN_WORD)
        TRY(read_level(parser, &left->axis, &right));
    else
        TRY(read_sum(parser, &right));
    *read = make(parser, found->operation, left, right);
    return STATUS_OK;
}

static enum status read_not(struct expression_parser *parser,
                            const struct expression **read)
{
    const struct expression *operand = NULL;
    if (!expression_is_at(parser, "not"))
        return read_comparison(parser, read);
    if (++parser->depth > DEPTH_MAX)
        return expression_refuse(parser, "too deeply nested");
    TRY(expression_advance(parser));
    TRY(read_not(parser, &operand));
    parser->depth--;
    *read = make(parser, OP_NOT, operand, NULL);
    return STATUS_OK;
}

static enum status read_and(struct expression_parser *parser,
                            const struct expression **read)
{
    static const struct operator operators[] = {{"and", OP_AND}, {NULL, 0}};
    return read_chain(parser, operators, read_not, read);
}

static enum status read_or(struct expression_parser *parser,
                           const struct expression **read)
{
    static const struct operator operators[] = {{"or", OP_OR}, {NULL, 0}};
    return read_chain(parser, operators, read_and, read);
}

enum status expression_read(const struct results *results, const char *text,
                            struct arena *arena,
                            const struct expression **expression)
{
    struct expression_parser parser = {.results = results,
                            .arena = arena,
                            .text = arena_copy_text(arena, text)};
    const struct expression *read = NULL;
    TRY(expression_advance(&parser));
    TRY(read_or(&parser, &read));
    if (parser.token.kind != TOKEN_END)
        return expression_refuse(&parser, "and, or or a comparison is needed");
    *expression = read;
    return STATUS_OK;
}
