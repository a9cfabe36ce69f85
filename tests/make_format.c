/*
 * Writes the part of docs/format.md anew that follows from the schema: all
 * below the heading "The schema". To be run from the project's folder.
 */
#include "io/durable.h"
#include "io/store_schema.h"
#include "tests/format_page.h"
#include "tests/scratch.h"

#include <stdio.h>
#include <string.h>

int main(void)
{
    struct arena arena = arena_open();
    struct bytes page = scratch_read(format_page_path);
    size_t n = format_page_schema(&page);
    const char *schema = store_describe(&arena);
    page.n = n;
    bytes_append(&page, schema, strlen(schema));
    if (durable_write(format_page_path, page.at, page.n) != STATUS_OK) {
        fprintf(stderr, "make_format: %s\n", status_reason());
        return 1;
    }
    bytes_free(&page);
    arena_close(&arena);
    return 0;
}
