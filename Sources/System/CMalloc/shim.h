// The allocator settings of the GNU C library (malloc.h), which Swift's Glibc module does not export.

#ifndef ZEROLAB_CMALLOC_H
#define ZEROLAB_CMALLOC_H

#if __has_include(<gnu/libc-version.h>)
#include <malloc.h>
#endif

#endif
