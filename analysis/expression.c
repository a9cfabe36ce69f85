/* What expressions are worth. */
#include "analysis/expression_parts.h"

#include <math.h>
#include <string.h>

static bool is_on_level(const struct expression *axis, const char *text,
                        size_t trial)
{
    return !strcmp(axis_text(&axis->axis, trial), text);
}

static double compare(const struct expression *of, double a, double b)
{
    if (isnan(a) || isnan(b))
        return 0;
    switch (of->operation) {
    case OP_EQUAL:
        return a == b;
    case OP_UNEQUAL:
        return a != b;
    case OP_BELOW:
        return a < b;
    case OP_AT_MOST:
        return a <= b;
    case OP_ABOVE:
        return a > b;
    default:
        return a >= b;
    }
}

static double combine(const struct expression *of,
                      const struct results *results, size_t trial)
{
    double a = expression_value(of->left, results, trial);
    double b = expression_value(of->right, results, trial);
    switch (of->operation) {
    case OP_PLUS:
        return a + b;
    case OP_MINUS:
        return a - b;
    case OP_TIMES:
        return a * b;
    case OP_OVER:
        return a / b;
    default:
        return compare(of, a, b);
    }
}

/* An axis without a level there is equal to none, and unequal to none. */
static double compare_level(const struct expression *of, size_t trial)
{
    const struct axis_of_trials *axis = &of->left->axis;
    if (axis->of[trial] == AXIS_NO_LEVEL)
        return 0;
    return is_on_level(of->left, of->right->text, trial) ==
           (of->operation == OP_EQUAL);
}

double expression_value(const struct expression *expression,
                        const struct results *results, size_t trial)
{
    const struct expression *of = expression;
    switch (of->operation) {
    case OP_NUMBER:
        return of->number;
    case OP_FIGURE:
        return figure_value(results, &of->figure, trial);
    case OP_AXIS:
        return of->axis.of[trial] == AXIS_NO_LEVEL
                   ? (double)NAN
                   : of->numbers[of->axis.of[trial]];
    case OP_NEGATIVE:
        return -expression_value(of->left, results, trial);
    case OP_NOT:
        return !expression_holds(of->left, results, trial);
    case OP_AND:
        return expression_holds(of->left, results, trial) &&
               expression_holds(of->right, results, trial);
    case OP_OR:
        return expression_holds(of->left, results, trial) ||
               expression_holds(of->right, results, trial);
    default:
        return of->right->operation == OP_LEVEL ? compare_level(of, trial)
                                                : combine(of, results, trial);
    }
}

bool expression_holds(const struct expression *expression,
                      const struct results *results, size_t trial)
{
    double value = expression_value(expression, results, trial);
    return !isnan(value) && value != 0;
}

const struct axis_of_trials *
expression_axis(const struct expression *expression)
{
    return expression->operation == OP_AXIS ? &expression->axis : NULL;
}

const struct figure *expression_figure(const struct expression *expression)
{
    return expression->operation == OP_FIGURE ? &expression->figure : NULL;
}
