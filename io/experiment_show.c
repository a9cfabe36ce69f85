/* What messages about experiment files are made of. */
#include "io/experiment_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCE_MAX = 1000, SHOWN_MAX = 60, NUMBER_MAX = 32 };

char *experiment_clean(char *text)
{
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    return text;
}

enum status experiment_refuse(const struct experiment_reader *reader,
                              const config_setting_t *setting,
                              const char *format, ...)
{
    char sentence[SENTENCE_MAX];
    va_list list;
    va_start(list, format);
    vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    experiment_clean(sentence);
    struct experiment_origin origin = experiment_text_origin(
        &reader->text, (int)config_setting_source_line(setting));
    return status_refuse(STATUS_INVALID, "%s:%d: %s", origin.file, origin.line,
                         sentence);
}

const char *experiment_print_number(double number, struct arena *arena)
{
    char text[NUMBER_MAX];
    if (number == floor(number) && fabs(number) < 1e15)
        return arena_print(arena, "%.0f", number + 0.0);
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    return arena_copy_text(arena, text);
}

static const char *show_elements(const config_setting_t *setting,
                                 struct arena *arena)
{
    const char *text = "";
    size_t n = experiment_n_elements(setting);
    for (size_t i = 0; i < n && strlen(text) < SHOWN_MAX; i++)
        text = arena_print(arena, "%s%s%s", text, i ? ", " : "",
                           experiment_show(experiment_element(setting, i),
                                           arena));
    return text;
}

static const char *show_whole(const config_setting_t *setting,
                              struct arena *arena)
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_STRING:
        return arena_print(arena, "\"%s\"",
                           config_setting_get_string(setting));
    case CONFIG_TYPE_BOOL:
        return config_setting_get_bool(setting) ? "true" : "false";
    case CONFIG_TYPE_GROUP:
        return "{ .. }";
    case CONFIG_TYPE_ARRAY:
        return arena_print(arena, "[%s]", show_elements(setting, arena));
    case CONFIG_TYPE_LIST:
        return arena_print(arena, "(%s)", show_elements(setting, arena));
    default:
        return experiment_print_number(config_setting_get_float(setting),
                                       arena);
    }
}

const char *experiment_show(const config_setting_t *setting,
                            struct arena *arena)
{
    const char *text = show_whole(setting, arena);
    return strlen(text) <= SHOWN_MAX
               ? text
               : arena_print(arena, "%.*s..", SHOWN_MAX, text);
}

const char *experiment_hint(const char *nearest, struct arena *arena)
{
    return nearest ? arena_print(arena, "; did you mean %s?", nearest) : "";
}

static bool is_several(const config_setting_t *setting)
{
    return config_setting_is_list(setting) || config_setting_is_array(setting);
}

size_t experiment_n_elements(const config_setting_t *setting)
{
    return is_several(setting) ? (size_t)config_setting_length(setting) : 1;
}

const config_setting_t *experiment_element(const config_setting_t *setting,
                                           size_t i)
{
    return is_several(setting)
               ? config_setting_get_elem(setting, (unsigned)i)
               : setting;
}
