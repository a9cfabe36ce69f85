#!/usr/bin/env python3
"""Numbers of Sobol' points for tests/test_sampler.c, by SciPy's implementation
of its own (scipy.stats.qmc.Sobol, which has the direction numbers of Joe and
Kuo as well): pip install scipy."""
from scipy.stats import qmc

SHOWN = [0, 1, 2, 5, 20, 63]

points = qmc.Sobol(64, scramble=False, bits=32).random(4096)
numbers = [[int(x * 2**32) for x in point] for point in points]

for dimension in SHOWN:
    print("    {%d, {%s}}," % (dimension, ", ".join(str(numbers[i][dimension] >> 27) for i in range(1, 17))))

fold = 0
for point in numbers:
    for number in point:
        fold = (fold * 1000003 + (number >> 20)) % (2**31 - 1)
print(fold)
