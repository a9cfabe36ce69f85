#include "tests/format_page.h"

#include <string.h>

const char format_page_path[] = "docs/format.md";

size_t format_page_schema(const struct bytes *page)
{
    static const char heading[] = "\n## The schema\n\n";
    const unsigned char *at =
        memmem(page->at, page->n, heading, strlen(heading));
    MUST(at != NULL);
    return (size_t)(at - page->at) + strlen(heading);
}
