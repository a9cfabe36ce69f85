/*
 * docs/format.md, of which the lower part is made from the schema.
 */
#ifndef TESTS_FORMAT_PAGE_H
#define TESTS_FORMAT_PAGE_H

#include "io/bytes.h"

extern const char format_page_path[];

/* Where in the page the part begins that is made. */
size_t format_page_schema(const struct bytes *page);

#endif
