// OpenBLAS: CBLAS from its own header, and the LAPACK routines that the package calls. The routines are declared
// here because Debian's LAPACKE package would install a second BLAS. Fortran passes all arguments by address; each
// trailing size_t is the hidden length of a character argument.

#ifndef ZEROLAB_COPENBLAS_H
#define ZEROLAB_COPENBLAS_H

#include <stddef.h>

#if __has_include(<cblas.h>)
#include <cblas.h>
#else
#error "OpenBLAS was not found: install libopenblas-dev (Debian, Ubuntu) or openblas (Homebrew)"
#endif

// Ends the threads that the library starts when it is loaded. The library's headers do not declare this function,
// so it may be missing.
int blas_thread_shutdown_(void) __attribute__((weak));

// A single-threaded library has no threads to end.
static inline void end_blas_threads(void) {
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}

// Singular values, and optionally singular vectors, by divide and conquer.
void dgesdd_(const char *jobz, const int *m, const int *n, double *a, const int *lda, double *s,
             double *u, const int *ldu, double *vt, const int *ldvt, double *work, const int *lwork,
             int *iwork, int *info, size_t jobz_length);

// Eigenvalues, and optionally eigenvectors, of a symmetric matrix by reduction to tridiagonal form.
void dsyev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
            double *work, const int *lwork, int *info, size_t jobz_length, size_t uplo_length);

// The Cholesky factorization of a symmetric matrix; info > 0 if the matrix is not positive definite.
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info,
             size_t uplo_length);

// Selected eigenvalues and eigenvectors of a symmetric matrix, here those with the indices il to iu.
void dsyevr_(const char *jobz, const char *range, const char *uplo, const int *n, double *a,
             const int *lda, const double *vl, const double *vu, const int *il, const int *iu,
             const double *abstol, int *m, double *w, double *z, const int *ldz, int *isuppz,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info,
             size_t jobz_length, size_t range_length, size_t uplo_length);

// The factorization P·L·D·Lᵀ·Pᵀ of a symmetric matrix with rook pivoting. D has 1 × 1 and 2 × 2 blocks; e is its
// subdiagonal.
void dsytrf_rk_(const char *uplo, const int *n, double *a, const int *lda, double *e, int *ipiv,
                double *work, const int *lwork, int *info, size_t uplo_length);

// The QR factorization by Householder reflections, and its thin factor Q.
void dgeqrf_(const int *m, const int *n, double *a, const int *lda, double *tau, double *work,
             const int *lwork, int *info);
void dorgqr_(const int *m, const int *n, const int *k, double *a, const int *lda, const double *tau,
             double *work, const int *lwork, int *info);

#endif
