#!/usr/bin/python3
"""Analyses of variance by statsmodels, types II, balanced and not.

What tests/test_variance.c holds analysis/variance.c to. It reads nothing of the
program. Its numbers are in variance.txt; statsmodels is not needed to run the
tests.

    python3 tests/oracle/variance.py > tests/oracle/variance.txt

A design: its name, number of values and of factors, 1 if pairs are in the
model; then a line for each value: its levels and itself; then a line for each
term: factors, degrees of freedom, sum of squares, F, p; at last the error's
degrees of freedom and sum. Made with statsmodels 0.15, NumPy 2.
"""
import itertools

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.formula.api import ols

rng = np.random.default_rng(11)


def effects(levels):
    a, b, c = (list(levels) + [0, 0])[:3]
    return 0.6 + 0.05 * a - 0.08 * (b == 1) + 0.03 * a * b + 0.1 * (c == 2)


def design(name, sizes, seeds, keep=1.0, pairs=True, drop=()):
    rows = []
    for levels in itertools.product(*map(range, sizes)):
        for _ in range(seeds):
            value = round(effects(levels) + rng.normal(0, 0.03), 3)
            if rng.uniform() < keep and levels not in drop:
                rows.append(list(levels) + [value])
    names = [f"x{i}" for i in range(len(sizes))]
    frame = pd.DataFrame(rows, columns=names + ["y"])
    terms = [(i, i) for i in range(len(sizes))]
    if pairs:
        terms += list(itertools.combinations(range(len(sizes)), 2))
    formula = "y ~ " + " + ".join(
        f"C({names[a]})" if a == b else f"C({names[a]}):C({names[b]})"
        for a, b in terms)
    table = sm.stats.anova_lm(ols(formula, frame).fit(), typ=2)
    print(name, len(frame), len(sizes), int(pairs))
    for row in rows:
        print(*row)
    for (a, b), (_, row) in zip(terms, table.iterrows()):
        print(a, b, int(row["df"]), repr(float(row["sum_sq"])),
              repr(float(row["F"])), repr(float(row["PR(>F)"])))
    error = table.loc["Residual"]
    print(int(error["df"]), repr(float(error["sum_sq"])))


design("balanced", (3, 2), 4)
design("three", (2, 3, 3), 2)
design("single", (4, 3), 1, pairs=False)
design("unbalanced", (3, 2), 6, keep=0.6)
design("unbalanced_three", (3, 2, 3), 3, keep=0.7)
design("one", (5,), 3, pairs=False)
