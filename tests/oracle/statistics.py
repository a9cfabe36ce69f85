#!/usr/bin/python3
"""Statistics by SciPy and mpmath, and by plain enumeration.

What tests/test_statistics_oracle.c holds analysis/statistics.c and
analysis/distribution.c to. It reads nothing of the program. Its numbers are in
statistics.txt; neither package is needed to run the tests.

    python3 tests/oracle/statistics.py > tests/oracle/statistics.txt

A line: a name, then its arguments, then what comes of them; numbers of values
before the values. Made with SciPy 1.17.1, mpmath 1.3 and NumPy 2.
"""
import itertools
import math

import mpmath
import numpy as np
from scipy import stats

mpmath.mp.dps = 40
rng = np.random.default_rng(7)


def say(*parts):
    words = []
    for part in parts:
        if isinstance(part, str):
            words.append(part)
        else:
            words += [repr(float(x)) for x in np.atleast_1d(part)]
    print(" ".join(words))


def beta(a, b, x):
    return mpmath.betainc(a, b, 0, x, regularized=True)


def t_beyond(t, df):
    t, df = mpmath.mpf(t), mpmath.mpf(df)
    return beta(df / 2, mpmath.mpf(1) / 2, df / (df + t * t))


for a, b, x in [(0.5, 0.5, 0.3), (2, 3, 0.9), (10, 0.5, 0.99), (0.01, 4, 1e-5),
                (300, 200, 0.55), (5000, 0.5, 0.999), (1, 1, 0.25),
                (40, 1e4, 0.005)]:
    say("beta", a, b, x, beta(a, b, mpmath.mpf(x)))
for t in [0, 1e-6, 0.3, 1, 2.5, 12, 400, -3]:
    for df in [1, 2, 4, 9.5, 100, 10000]:
        value = t_beyond(t, df)
        if value > 1e-290:
            say("t", t, df, value)
for p in [0.5, 0.6, 0.9, 0.975, 0.995, 0.9999995, 0.025, 1e-10]:
    for df in [1, 2, 3, 4.5, 29, 1000]:
        wanted = 2 * min(mpmath.mpf(p), 1 - mpmath.mpf(p))
        start = abs(float(stats.t.ppf(p, df)))
        t = 0 if p == 0.5 else mpmath.findroot(
            lambda t: t_beyond(t, df) - wanted, start)
        say("t_quantile", p, df, t if p >= 0.5 else -t)
for f, above, below in [(0, 1, 5), (1, 1, 1), (3.7, 2, 12), (0.02, 6, 40),
                        (55, 3, 8), (1.2, 400, 300)]:
    x = mpmath.mpf(below) / (below + above * mpmath.mpf(f))
    say("f", f, above, below, beta(mpmath.mpf(below) / 2,
                                   mpmath.mpf(above) / 2, x))
for z in [-8, -1, 0, 0.5, 1.959963984540054, 6, 30]:
    say("normal", z, mpmath.erfc(mpmath.mpf(z) / mpmath.sqrt(2)) / 2)
for p in [1e-300, 1e-9, 0.025, 0.3, 0.5, 0.975, 0.999999]:
    say("normal_quantile", p, stats.norm.ppf(p))

# Accuracies, as a sweep has them: multiples of 1 / 1000.
for n in [2, 3, 5, 12, 40]:
    x = np.round(rng.uniform(0.2, 0.9, n), 3)
    for level in [0.95, 0.5]:
        low, high = stats.t.interval(level, n - 1, x.mean(), stats.sem(x))
        say("mean", level, n, x, x.mean(), x.std(ddof=1), low, high)
    for share in [0, 0.25, 0.5, 0.9, 1]:
        say("quantile", share, n, x, np.quantile(x, share))


def signs(differences):
    """The signed rank test by all 2^n signs."""
    d = differences[differences != 0]
    ranks = stats.rankdata(abs(d))
    seen = ranks[d > 0].sum()
    sums = np.array([ranks[np.array(s, bool)].sum() for s in
                     itertools.product([0, 1], repeat=len(d))])
    return seen, min(1, 2 * min((sums <= seen).mean(), (sums >= seen).mean()))


for n in [3, 5, 8, 13, 30, 50, 51, 80]:
    for shift in [0, 40]:
        a = rng.integers(200, 900, n)
        b = a + shift + rng.integers(-60, 61, n)
        if n in (8, 13, 80):  # ties and differences of 0
            b = a + np.round((b - a) / 20).astype(int) * 20
        d = a - b
        result = stats.ttest_rel(a, b)
        say("t_test", n, a / 1000, b / 1000, result.statistic, result.pvalue)
        if n > 50:
            result = stats.wilcoxon(d, method="approx", correction=True)
            statistic = stats.rankdata(abs(d[d != 0]))[d[d != 0] > 0].sum()
            found = statistic, result.pvalue, 0
        elif n <= 13:
            found = *signs(d), 1
        else:
            while len(set(abs(d))) < n or 0 in d:
                d = rng.integers(-400, 401, n) + shift
                b = a - d
            result = stats.wilcoxon(d, method="exact")
            found = stats.rankdata(abs(d))[d > 0].sum(), result.pvalue, 1
        say("wilcoxon", n, a / 1000, b / 1000, *found)

for n in [1, 2, 6, 20]:
    p = np.round(rng.uniform(0, 0.2, n) ** 2, 5)
    sorted_p = np.sort(p)
    holm = [max(min(1, (n - j) * sorted_p[j]) for j in range(n)
                if sorted_p[j] <= one) for one in p]
    say("holm", n, p, holm)
    say("bh", n, p, stats.false_discovery_control(p))


def spearman_interval(r, n, level):
    half = stats.norm.ppf(0.5 + level / 2) * np.sqrt((1 + r * r / 2) / (n - 3))
    return np.tanh([np.arctanh(r) - half, np.arctanh(r) + half])


for n in [4, 7, 25]:
    for ties in [False, True]:
        x = np.round(rng.normal(size=n), 0 if ties else 3)
        y = np.round(-0.5 * x + rng.normal(size=n), 0 if ties else 3)
        result = stats.pearsonr(x, y)
        for level in [0.95, 0.8]:
            interval = result.confidence_interval(level)
            say("pearson", level, n, x, y, *result, *interval)
        result = stats.spearmanr(x, y)
        p = max(result.pvalue, min(1, 2 / math.factorial(n)))
        say("spearman", 0.95, n, x, y, result.statistic, p,
            *spearman_interval(result.statistic, n, 0.95))


def within(x, y, group, ranks):
    """As a partial correlation: residuals by least squares on dummies."""
    n, k = len(x), len(set(group))
    if ranks:
        x, y = x.copy(), y.copy()
        for g in set(group):
            x[group == g] = stats.rankdata(x[group == g])
            y[group == g] = stats.rankdata(y[group == g])
    dummies = np.equal.outer(group, sorted(set(group))).astype(float)
    rest_x = x - dummies @ np.linalg.lstsq(dummies, x)[0]
    rest_y = y - dummies @ np.linalg.lstsq(dummies, y)[0]
    r = rest_x @ rest_y / np.sqrt(rest_x @ rest_x) / np.sqrt(rest_y @ rest_y)
    df = n - 2 - (k - 1)
    p = 2 * stats.t.sf(abs(r) * np.sqrt(df / (1 - r * r)), df)
    if ranks:
        orders = [math.factorial(int((group == g).sum())) for g in set(group)]
        p = max(p, min(1, 2 / math.prod(orders)))
    half = stats.norm.ppf(0.975) * np.sqrt(
        (1 + r * r / 2 if ranks else 1) / (n - (k - 1) - 3))
    return r, p, np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)


for n, k in [(9, 3), (24, 4), (30, 1)]:
    group = np.arange(n) % k
    x = np.round(rng.normal(size=n) + 3 * group, 2)
    y = np.round(0.6 * x - 3 * group + rng.normal(size=n), 2)
    for ranks in [False, True]:
        say("within", float(ranks), n, k, group, x, y,
            *within(x, y, group, ranks))
