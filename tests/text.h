/* What tests of printed text share. */
#ifndef TESTS_TEXT_H
#define TESTS_TEXT_H

#include <stddef.h>

/* Asserts that a text has a part in it; shows the text if not. */
void text_assert_has(const char *text, const char *part);

/* How often it is in it. */
size_t text_count(const char *text, const char *part);

#endif
