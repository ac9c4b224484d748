#ifndef ZEROLAB_CPNG_H
#define ZEROLAB_CPNG_H

#if __has_include(<png.h>)
#include <png.h>
#else
#error "png.h was not found: install libpng-dev (Debian, Ubuntu) or libpng (Homebrew)"
#endif

#endif
