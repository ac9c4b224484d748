// The settings of the GNU C library's allocator, which Swift's Glibc module leaves out.

#ifndef ZEROLAB_CMALLOC_H
#define ZEROLAB_CMALLOC_H

#if __has_include(<gnu/libc-version.h>)
#include <malloc.h>
#endif

#endif
