#ifndef ZEROLAB_CSODIUM_H
#define ZEROLAB_CSODIUM_H

#if __has_include(<sodium.h>)
#include <sodium.h>
#else
#error "sodium.h was not found: install libsodium-dev (Debian, Ubuntu) or libsodium (Homebrew)"
#endif

#endif
