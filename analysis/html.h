/*
 * The few words of HTML that the report is made of.
 */
#ifndef ANALYSIS_HTML_H
#define ANALYSIS_HTML_H

#include <stdio.h>

/* Writes text so that no character of it is taken for markup, in elements and
 * in quoted attributes; control characters but line ends become blanks. */
void html_text(FILE *out, const char *text);

/* <NAME>text</NAME> and a line end; `name` is markup and may have attributes:
 * "td class=name". */
void html_element(FILE *out, const char *name, const char *text);

#endif
