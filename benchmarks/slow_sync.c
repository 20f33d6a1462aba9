/* Lets each sync of a disk take SLOW_SYNC_US microseconds longer: see syncs.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static int slowly(const char *name, int file)
{
    int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int result = sync(file);
    const char *longer = getenv("SLOW_SYNC_US");
    if (longer)
        usleep((useconds_t)atol(longer));
    return result;
}

int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }
