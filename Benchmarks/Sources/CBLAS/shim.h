// BLAS as it is, for the yardstick that the package's own products are held against.

#ifndef ZEROLAB_BENCHMARKS_CBLAS_H
#define ZEROLAB_BENCHMARKS_CBLAS_H

#include <cblas.h>

#endif
