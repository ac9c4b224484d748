#ifndef ZEROLAB_CCAIRO_H
#define ZEROLAB_CCAIRO_H

#if __has_include(<cairo.h>)
#include <cairo.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>
#else
#error "Cairo was not found: install libcairo2-dev (Debian, Ubuntu) or cairo (Homebrew)"
#endif

#endif
