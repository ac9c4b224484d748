#ifndef ZEROLAB_CZLIB_H
#define ZEROLAB_CZLIB_H

#if __has_include(<zlib.h>)
#include <zlib.h>
#else
#error "zlib.h was not found: install zlib1g-dev (Debian, Ubuntu) or zlib (Homebrew)"
#endif

#endif
