/* The words, numbers and signs of an expression. */
#include "analysis/expression_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum status expression_refuse(const struct expression_parser *parser,
                              const char *allowed)
{
    bool at_end = parser->text[parser->token.at] == '\0';
    return status_refuse(STATUS_INVALID, "%.80s: at %s%.40s: %s", parser->text,
                         at_end ? "the end" : "",
                         at_end ? "" : parser->text + parser->token.at,
                         allowed);
}

static enum status take_text(struct expression_parser *parser,
                             const char *from, size_t n)
{
    if (n + 1 > EXPRESSION_WORD_SIZE)
        return expression_refuse(parser, "a word is too long");
    memcpy(parser->token.text, from, n);
    parser->token.text[n] = '\0';
    return STATUS_OK;
}

/* 'a b' or [a b]. */
static enum status take_quoted(struct expression_parser *parser, const char *at)
{
    char end = *at == '[' ? ']' : '\'';
    const char *behind = strchr(at + 1, end);
    if (!behind)
        return expression_refuse(parser, end == ']' ? "no ] follows"
                                                    : "no ' follows");
    parser->token.kind = TOKEN_WORD;
    parser->token.quoted = true;
    parser->next = (size_t)(behind + 1 - parser->text);
    return take_text(parser, at + 1, (size_t)(behind - at - 1));
}

/* A word ends in its epsilon, if it has one: pgd@8/255. */
static enum status take_word(struct expression_parser *parser, const char *at)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:";
    static const char digits[] = "0123456789.";
    size_t n = strspn(at, letters);
    if (at[n] == '@') {
        n += 1 + strspn(at + n + 1, digits);
        if (at[n] == '/')
            n += 1 + strspn(at + n + 1, digits);
    }
    parser->token.kind = TOKEN_WORD;
    parser->next = (size_t)(at + n - parser->text);
    return take_text(parser, at, n);
}

static enum status take_sign(struct expression_parser *parser, const char *at)
{
    static const char *const signs[] = {"<=", ">=", "!=", "==", "=", "<", ">",
                                        "+",  "-",  "*",  "/",  "(", ")"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i]);
        if (strncmp(at, signs[i], n) != 0)
            continue;
        parser->token.kind = TOKEN_SIGN;
        parser->next = (size_t)(at + n - parser->text);
        return take_text(parser, at, n);
    }
    return expression_refuse(parser,
                             "not a word, number or sign of an expression");
}

enum status expression_advance(struct expression_parser *parser)
{
    const char *at = parser->text + parser->next;
    at += strspn(at, " \t\n");
    parser->next = (size_t)(at - parser->text);
    parser->token = (struct expression_token){.at = parser->next};
    if (*at == '\0')
        return STATUS_OK;
    if (*at == '[' || *at == '\'')
        return take_quoted(parser, at);
    if (isalpha((unsigned char)*at) || *at == '_')
        return take_word(parser, at);
    if (!isdigit((unsigned char)*at) && *at != '.')
        return take_sign(parser, at);
    char *end;
    parser->token.kind = TOKEN_NUMBER;
    parser->token.number = strtod(at, &end);
    parser->next = (size_t)(end - parser->text);
    if (end == at)
        return expression_refuse(parser, "not a number");
    return STATUS_OK;
}

/* Whether the token is this sign, or this word without quotes. */
bool expression_is_at(const struct expression_parser *parser, const char *text)
{
    const struct expression_token *token = &parser->token;
    return (token->kind == TOKEN_SIGN ||
            (token->kind == TOKEN_WORD && !token->quoted)) &&
           !strcmp(token->text, text);
}
