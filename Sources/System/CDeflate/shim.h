#ifndef ZEROLAB_CDEFLATE_H
#define ZEROLAB_CDEFLATE_H

#if __has_include(<libdeflate.h>)
#include <libdeflate.h>
#else
#error "libdeflate.h was not found: install libdeflate-dev (Debian, Ubuntu) or libdeflate (Homebrew)"
#endif

#endif
