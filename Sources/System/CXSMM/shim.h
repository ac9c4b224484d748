// libxsmm: small matrix products whose machine code is made at run time for the processor. The functions are declared
// here because the library's own header describes kernels as variadic functions, which Swift cannot call.

#ifndef ZEROLAB_CXSMM_H
#define ZEROLAB_CXSMM_H

#if !__has_include(<libxsmm.h>)
#error "libxsmm was not found: install libxsmm-dev (Debian, Ubuntu)"
#endif

// The name of the instruction set for which kernels are made, such as hsw (AVX2) or skx (AVX-512).
const char *libxsmm_get_target_arch(void);

// Kernels of C = A·op(B) on column-major matrices: m × n, inner dimension k, with the strides of columns. They
// exist until the program ends. The result is null if none can be made.
void (*libxsmm_smmdispatch(int m, int n, int k, const int *lda, const int *ldb, const int *ldc, const float *alpha,
                           const float *beta, const int *flags, const int *prefetch))(const float *a, const float *b, float *c,
                                                                                      ...);
void (*libxsmm_dmmdispatch(int m, int n, int k, const int *lda, const int *ldb, const int *ldc, const double *alpha,
                           const double *beta, const int *flags, const int *prefetch))(const double *a, const double *b,
                                                                                       double *c, ...);

// Kernels of C = ΣAᵢ·op(Bᵢ) or C = C + ΣAᵢ·op(Bᵢ), which receive the addresses of all Aᵢ and Bᵢ, and their number.
void *libxsmm_smmdispatch_reducebatch_addr(int m, int n, int k, const int *lda, const int *ldb, const int *ldc, const float *alpha,
                                           const float *beta, const int *flags, const int *prefetch);
void *libxsmm_dmmdispatch_reducebatch_addr(int m, int n, int k, const int *lda, const int *ldb, const int *ldc,
                                           const double *alpha, const double *beta, const int *flags, const int *prefetch);

// A kernel of either precision.
typedef void (*product_kernel)(const void *a, const void *b, void *c);
typedef void (*summed_product_kernel)(const void *const *a, const void *const *b, void *c, const unsigned long long *count);

// The library's flag for op(B) = Bᵀ, which its header names LIBXSMM_GEMM_FLAG_TRANS_B.
enum { transposes_right = 2 };

static inline product_kernel single_precision_kernel(int m, int n, int k, int lda, int ldb, int ldc, int flags) {
  const float alpha = 1, beta = 0;
  const int prefetch = 0;
  return (product_kernel)libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &alpha, &beta, &flags, &prefetch);
}

static inline product_kernel double_precision_kernel(int m, int n, int k, int lda, int ldb, int ldc, int flags) {
  const double alpha = 1, beta = 0;
  const int prefetch = 0;
  return (product_kernel)libxsmm_dmmdispatch(m, n, k, &lda, &ldb, &ldc, &alpha, &beta, &flags, &prefetch);
}

static inline summed_product_kernel single_precision_sum(int m, int n, int k, int lda, int ldb, int ldc, float beta) {
  const float alpha = 1;
  const int flags = 0, prefetch = 0;
  return (summed_product_kernel)libxsmm_smmdispatch_reducebatch_addr(m, n, k, &lda, &ldb, &ldc, &alpha, &beta, &flags, &prefetch);
}

static inline summed_product_kernel double_precision_sum(int m, int n, int k, int lda, int ldb, int ldc, double beta) {
  const double alpha = 1;
  const int flags = 0, prefetch = 0;
  return (summed_product_kernel)libxsmm_dmmdispatch_reducebatch_addr(m, n, k, &lda, &ldb, &ldc, &alpha, &beta, &flags, &prefetch);
}

#endif
