/* Refusals of names of figures; private to analysis/figure*.c. */
#ifndef ANALYSIS_FIGURE_PARTS_H
#define ANALYSIS_FIGURE_PARTS_H

#include "analysis/columns.h"

/* "LIST, NAME". */
const char *figure_list_more(const char *list, const char *name,
                             struct arena *arena);

const char *figure_list_epsilons(const struct results *results,
                                 struct indices epsilons, struct arena *arena);

/* With what there is and what is nearest to the part that is not known. */
CHECKED enum status figure_refuse(const struct results *results,
                                  const char *whole, const char *part,
                                  struct arena *arena);

#endif
