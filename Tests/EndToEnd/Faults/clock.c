/* A clock that can be set back: preloaded, it takes two days off the date as soon as the file exists that
   ZEROLAB_CLOCK_BACK names. Time that only counts on is left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
  int (*real)(clockid_t, struct timespec *) =
      (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, time);
  const char *file = getenv("ZEROLAB_CLOCK_BACK");
  if (clock == CLOCK_REALTIME && file && access(file, F_OK) == 0) time->tv_sec -= 2 * 86400;
  return result;
}
