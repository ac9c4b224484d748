// Direct access to BLAS, for the reference speed of the package's own products.

#ifndef ZEROLAB_BENCHMARKS_CBLAS_H
#define ZEROLAB_BENCHMARKS_CBLAS_H

#include <cblas.h>

#endif
