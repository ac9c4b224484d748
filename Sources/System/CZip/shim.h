#ifndef ZEROLAB_CZIP_H
#define ZEROLAB_CZIP_H

#if __has_include(<zip.h>)
#include <zip.h>
#else
#error "zip.h was not found: install libzip-dev (Debian, Ubuntu) or libzip (Homebrew)"
#endif

#endif
