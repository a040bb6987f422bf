/* LD_PRELOAD library: remembers what every write to a database overwrote, until the file is synced.
 *
 * For each tracked file (*.sqlite3 and *.sqlite3-wal) LOST_WRITES_DIR holds INODE.undo: records of
 * "at this offset stood these bytes, and the file was this long". A sync empties it. After a crash the
 * test applies the records backwards, which leaves what a disk that lost every write since the last sync
 * would hold. LOST_WRITES_SYNC_US makes each sync of a tracked file take longer.
 *
 * Build: gcc -shared -fPIC -O2 -o lost_writes.so lost_writes.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct record {
    int64_t offset, kept, size; /* where, how many old bytes follow, how long the file was */
};

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int ends_with(const char *text, const char *end) {
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

/* Returns the undo file of a tracked file, locked against other processes, or -1. */
static int undo_of(int file, struct stat *now) {
    char link[64], path[4096], undo[4352];
    const char *folder = getenv("LOST_WRITES_DIR");
    if (!folder || fstat(file, now) || !S_ISREG(now->st_mode)) return -1;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return -1;
    path[length] = 0;
    if (!ends_with(path, ".sqlite3") && !ends_with(path, ".sqlite3-wal")) return -1;
    snprintf(undo, sizeof undo, "%s/%s.%llu.undo", folder, strrchr(path, '/') + 1, (unsigned long long)now->st_ino);
    int handle = open(undo, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (handle < 0 || flock(handle, LOCK_EX)) abort();
    fstat(file, now); /* again: another process may have written while we waited */
    return handle;
}

static void remember(int undo, int file, int64_t offset, int64_t length, int64_t size) {
    struct record head = {offset, 0, size};
    if (offset < size) head.kept = length < size - offset ? length : size - offset;
    char *whole = malloc(sizeof head + head.kept);
    if (pread64(file, whole + sizeof head, head.kept, offset) != head.kept) abort();
    memcpy(whole, &head, sizeof head);
    if (REAL(write)(undo, whole, sizeof head + head.kept) != (ssize_t)(sizeof head + head.kept)) abort();
    free(whole);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset) {
    struct stat now;
    int undo = undo_of(file, &now);
    if (undo >= 0) remember(undo, file, offset, length, now.st_size);
    ssize_t written = REAL(pwrite64)(file, bytes, length, offset);
    if (undo >= 0) close(undo);
    return written;
}

int ftruncate64(int file, off64_t length) {
    struct stat now;
    int undo = undo_of(file, &now);
    if (undo >= 0) remember(undo, file, length, now.st_size, now.st_size);
    int result = REAL(ftruncate64)(file, length);
    if (undo >= 0) close(undo);
    return result;
}

static int synced(int file, int (*sync)(int)) {
    struct stat now;
    int undo = undo_of(file, &now);
    if (undo < 0) return sync(file);
    const char *text = getenv("LOST_WRITES_SYNC_US");
    long microseconds = text ? atol(text) : 0;
    struct timespec pause = {microseconds / 1000000, (microseconds % 1000000) * 1000};
    nanosleep(&pause, NULL);
    int result = sync(file);
    if (result == 0 && REAL(ftruncate64)(undo, 0)) abort();
    close(undo);
    return result;
}

int fsync(int file) { return synced(file, REAL(fsync)); }
int fdatasync(int file) { return synced(file, REAL(fdatasync)); }
