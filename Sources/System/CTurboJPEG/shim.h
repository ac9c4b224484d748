#ifndef ZEROLAB_CTURBOJPEG_H
#define ZEROLAB_CTURBOJPEG_H

#if __has_include(<turbojpeg.h>)
#include <turbojpeg.h>
#else
#error "turbojpeg.h was not found: install libturbojpeg0-dev (Debian, Ubuntu) or jpeg-turbo (Homebrew)"
#endif

#endif
