/* Expressions while they are read; private to analysis/expression*.c. */
#ifndef ANALYSIS_EXPRESSION_PARTS_H
#define ANALYSIS_EXPRESSION_PARTS_H

#include "analysis/expression.h"

enum operation {
    OP_NUMBER,
    OP_FIGURE,
    OP_AXIS,
    OP_LEVEL, /* the text of one, compared to an axis */
    OP_NEGATIVE,
    OP_NOT,
    OP_OR,
    OP_AND,
    OP_EQUAL,
    OP_UNEQUAL,
    OP_BELOW,
    OP_AT_MOST,
    OP_ABOVE,
    OP_AT_LEAST,
    OP_PLUS,
    OP_MINUS,
    OP_TIMES,
    OP_OVER
};

struct expression {
    enum operation operation;
    const struct expression *left, *right;
    double number;
    const char *text; /* of a level */
    struct figure figure;
    struct axis_of_trials axis;
    const double *numbers; /* of the axis' levels */
};

enum { EXPRESSION_WORD_SIZE = 200 };

enum expression_token_kind { TOKEN_END, TOKEN_NUMBER, TOKEN_WORD, TOKEN_SIGN };

struct expression_token {
    enum expression_token_kind kind;
    size_t at; /* in the text */
    bool quoted;
    double number;
    char text[EXPRESSION_WORD_SIZE]; /* a word, or a sign: "<=" */
};

struct expression_parser {
    const struct results *results;
    struct arena *arena;
    const char *text;
    size_t next; /* behind the token */
    size_t depth;
    struct expression_token token;
};

/* To the next token. */
CHECKED enum status expression_advance(struct expression_parser *parser);

/* Whether the token is this sign, or this word without quotes. */
bool expression_is_at(const struct expression_parser *parser,
                      const char *text);

/* With what is at the token. */
CHECKED enum status expression_refuse(const struct expression_parser *parser,
                                      const char *allowed);

#endif
