"""NumPy's side of the comparison of ranks: numpy_rank.py FILE, n * n raw doubles.

Prints the rank and the median time of seven, after a first one that finds neither memory nor threads ready.
"""
import statistics
import sys
import time

import numpy

matrix = numpy.fromfile(sys.argv[1])
extent = int(len(matrix) ** 0.5)
matrix = matrix.reshape(extent, extent)
times = []
for _ in range(8):
    start = time.perf_counter()
    rank = numpy.linalg.matrix_rank(matrix, tol=1e-4)
    times.append(time.perf_counter() - start)
print(rank, statistics.median(times[1:]))
