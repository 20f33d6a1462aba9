/* Notes what a power loss could undo: see power.py.

   Before a write to a file whose path begins with CRASH_DATA, what stood there goes to a
   file named by the inode in CRASH_UNSYNCED; a sync empties that one. At sync
   CRASH_DIES_AT, counted in each process, the process group is killed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(result, name, ...) \
    ((result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

struct before {
    int64_t place, length, size; /* where, how many bytes follow; the file's size */
};

/* Return a locked file for a file's notes, or -1 where none are kept. */
static int notes_of(int file, struct stat *stat)
{
    const char *data = getenv("CRASH_DATA"), *notes = getenv("CRASH_UNSYNCED");
    char link[64], path[PATH_MAX + 1];
    if (!data || !notes || fstat(file, stat) || !S_ISREG(stat->st_mode))
        return -1;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, PATH_MAX);
    if (length < 0 || strncmp(path, data, strlen(data)))
        return -1;
    snprintf(path, sizeof path, "%s/%llu", notes, (unsigned long long)stat->st_ino);
    int kept = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (kept >= 0 && flock(kept, LOCK_EX) == 0 && fstat(file, stat) == 0)
        return kept;
    if (kept >= 0)
        close(kept);
    return -1;
}

/* Note what stands in a part of a file; false where the disk is full. */
static int noted(int kept, int file, const struct stat *stat, off_t place, size_t count)
{
    int (*cut)(int, off64_t) = REAL(int, "ftruncate64", int, off64_t);
    if (stat->st_size == 0 && cut(kept, 0)) /* new, or as good: nothing stood there */
        return 0;
    char name[64], *content = malloc(count ? count : 1);
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    /* Another descriptor only where needed: closing it gives up the locks of fcntl(2),
       which SQLite takes on descriptors that can read. */
    int blind = (fcntl(file, F_GETFL) & O_ACCMODE) == O_WRONLY;
    int read = blind ? open(name, O_RDONLY | O_CLOEXEC) : file;
    ssize_t length = read < 0 || !content ? 0 : pread64(read, content, count, place);
    if (blind && read >= 0)
        close(read);
    struct before before = {place, length > 0 ? length : 0, stat->st_size};
    struct iovec parts[] = {{&before, sizeof before}, {content, before.length}};
    ssize_t all = sizeof before + before.length;
    off64_t end = lseek64(kept, 0, SEEK_END);
    int done = writev(kept, parts, 2) == all;
    if (!done && cut(kept, end))
        abort();
    free(content);
    if (!done)
        errno = ENOSPC;
    return done;
}

static ssize_t written(int file, const void *data, size_t count, off64_t place, int here)
{
    struct stat stat;
    ssize_t result = -1;
    int kept = notes_of(file, &stat);
    if (kept >= 0 && here)
        place = fcntl(file, F_GETFL) & O_APPEND ? stat.st_size
                                                 : lseek64(file, 0, SEEK_CUR);
    if (kept < 0 || noted(kept, file, &stat, place, count))
        result = here ? REAL(ssize_t, "write", int, const void *, size_t)(file, data, count)
                      : REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t)(
                            file, data, count, place);
    int error = errno;
    if (kept >= 0)
        close(kept);
    errno = error;
    return result;
}

static ssize_t gathered(int file, const struct iovec *parts, int count, off_t place)
{
    struct stat stat;
    ssize_t result = -1;
    size_t length = 0;
    for (int each = 0; each < count; each++)
        length += parts[each].iov_len;
    int kept = notes_of(file, &stat);
    if (kept < 0 || noted(kept, file, &stat, place, length))
        result = REAL(ssize_t, "pwritev64", int, const struct iovec *, int, off_t)(
            file, parts, count, place);
    int error = errno;
    if (kept >= 0)
        close(kept);
    errno = error;
    return result;
}

static int cut_off(int file, off64_t size)
{
    struct stat stat;
    int result = -1, kept = notes_of(file, &stat);
    size_t lost = kept >= 0 && size < stat.st_size ? (size_t)(stat.st_size - size) : 0;
    if (kept < 0 || noted(kept, file, &stat, size, lost))
        result = REAL(int, "ftruncate64", int, off64_t)(file, size);
    int error = errno;
    if (kept >= 0)
        close(kept);
    errno = error;
    return result;
}

static int synced(const char *name, int file)
{
    static atomic_long count;
    const char *last = getenv("CRASH_DIES_AT");
    if (last && atomic_fetch_add(&count, 1) + 1 == atol(last))
        kill(0, SIGKILL);
    int result = REAL(int, name, int)(file);
    struct stat stat;
    int error = errno, kept = result ? -1 : notes_of(file, &stat);
    if (kept >= 0) {
        if (REAL(int, "ftruncate64", int, off64_t)(kept, 0))
            abort();
        close(kept);
    }
    errno = error;
    return result;
}

ssize_t write(int file, const void *data, size_t count)
{
    return written(file, data, count, 0, 1);
}

ssize_t pwrite(int file, const void *data, size_t count, off_t place)
{
    return written(file, data, count, place, 0);
}

ssize_t pwrite64(int file, const void *data, size_t count, off64_t place)
{
    return written(file, data, count, place, 0);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t place)
{
    return gathered(file, parts, count, place);
}

ssize_t pwritev64(int file, const struct iovec *parts, int count, off_t place)
{
    return gathered(file, parts, count, place);
}

int ftruncate(int file, off_t size) { return cut_off(file, size); }
int ftruncate64(int file, off64_t size) { return cut_off(file, size); }
int fsync(int file) { return synced("fsync", file); }
int fdatasync(int file) { return synced("fdatasync", file); }
