// Square roots of vectors in one instruction. Swift's own function of a vector takes the root of each element by itself.

#ifndef ZEROLAB_CVECTORS_H
#define ZEROLAB_CVECTORS_H

#if !__has_builtin(__builtin_elementwise_sqrt)
#error "the compiler lacks __builtin_elementwise_sqrt: use Swift 6.3 or newer"
#endif

typedef float four_floats __attribute__((ext_vector_type(4)));
typedef double two_doubles __attribute__((ext_vector_type(2)));

static inline four_floats square_roots_of_floats(four_floats x) { return __builtin_elementwise_sqrt(x); }

static inline two_doubles square_roots_of_doubles(two_doubles x) { return __builtin_elementwise_sqrt(x); }

#endif
