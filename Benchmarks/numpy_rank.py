"""The NumPy program of the rank comparison: numpy_rank.py FILE, which contains n * n raw doubles.

It prints the rank at tolerance 1e-4 and the median of seven times, after one warm-up.
"""
import statistics
import sys
import time

import numpy

matrix = numpy.fromfile(sys.argv[1])
size = int(len(matrix) ** 0.5)
matrix = matrix.reshape(size, size)
times = []
for _ in range(8):
    start = time.perf_counter()
    rank = numpy.linalg.matrix_rank(matrix, tol=1e-4)
    times.append(time.perf_counter() - start)
print(rank, statistics.median(times[1:]))
