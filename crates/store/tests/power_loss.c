// Loses power on purpose. Preloaded into a process that writes a SQLite database, it remembers for every file what each write since
// the last completed fsync replaced. At write number POWER_AT it puts all of that back and kills the process, so that the files are as
// a disk may hold them that never got what nobody synced. POWER_TORN=1 puts only a random half back. POWER_LIE=1 lets fsync return
// without counting, as if the program did not sync at all. POWER_EIO_AT lets that one fsync fail, as a worn disk does.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

struct undo {
  struct undo *next;
  char path[512];
  off_t offset, size; // where, and how long the file was before
  size_t length;      // bytes replaced
  char old[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct undo *newest;
static long writes, power_at, syncs, eio_at;
static int torn, lie;
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

__attribute__((constructor)) static void begin(void) {
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  const char *at = getenv("POWER_AT");
  power_at = at ? atol(at) : 0;
  const char *eio = getenv("POWER_EIO_AT");
  eio_at = eio ? atol(eio) : 0;
  torn = getenv("POWER_TORN") != NULL;
  lie = getenv("POWER_LIE") != NULL;
  srandom((unsigned)power_at);
}

// Whether this is the database or its log; the shared-memory index is rebuilt and does not count.
static int watched(int fd, char *path) {
  char link[64] = "/proc/self/fd/", digits[16];
  int n = 0, value = fd;
  do digits[n++] = (char)('0' + value % 10); while (value /= 10);
  size_t end = strlen(link);
  while (n) link[end++] = digits[--n];
  link[end] = 0;
  ssize_t got = readlink(link, path, 511);
  if (got <= 0) return 0;
  path[got] = 0;
  return strstr(path, "gateway.sqlite") && !strstr(path, "-shm");
}

static void lose_power(void) {
  for (struct undo *undo = newest; undo; undo = undo->next) {
    if (torn && random() % 2) continue;
    int fd = open(undo->path, O_RDWR);
    if (fd < 0) continue;
    if (undo->length) real_pwrite(fd, undo->old, undo->length, undo->offset);
    real_ftruncate(fd, undo->size);
    close(fd);
  }
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static void remember(const char *path, int fd, off_t offset, size_t length) {
  struct stat file;
  if (fstat(fd, &file)) return;
  size_t old = offset < file.st_size ? (size_t)(file.st_size - offset) : 0;
  if (old > length) old = length;
  struct undo *undo = malloc(sizeof *undo + old);
  strcpy(undo->path, path);
  undo->offset = offset;
  undo->size = file.st_size;
  undo->length = old;
  // Through another descriptor: this one may be write-only.
  int reader = open(path, O_RDONLY);
  if (reader >= 0) {
    if (old && pread(reader, undo->old, old, offset) != (ssize_t)old) undo->length = 0;
    close(reader);
  }
  undo->next = newest;
  newest = undo;
  if (power_at && ++writes >= power_at) lose_power();
}

static void forget(const char *path) {
  for (struct undo **at = &newest; *at;) {
    struct undo *undo = *at;
    if (strcmp(undo->path, path)) { at = &undo->next; continue; }
    *at = undo->next;
    free(undo);
  }
}

ssize_t write(int fd, const void *bytes, size_t length) {
  char path[512];
  if (!watched(fd, path)) return real_write(fd, bytes, length);
  pthread_mutex_lock(&lock);
  remember(path, fd, lseek(fd, 0, SEEK_CUR), length);
  ssize_t done = real_write(fd, bytes, length);
  pthread_mutex_unlock(&lock);
  return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
  char path[512];
  if (!watched(fd, path)) return real_pwrite(fd, bytes, length, offset);
  pthread_mutex_lock(&lock);
  remember(path, fd, offset, length);
  ssize_t done = real_pwrite(fd, bytes, length, offset);
  pthread_mutex_unlock(&lock);
  return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

int ftruncate64(int fd, off_t size) {
  char path[512];
  struct stat file;
  if (!watched(fd, path) || fstat(fd, &file)) return real_ftruncate(fd, size);
  pthread_mutex_lock(&lock);
  remember(path, fd, size, size < file.st_size ? (size_t)(file.st_size - size) : 0);
  int done = real_ftruncate(fd, size);
  pthread_mutex_unlock(&lock);
  return done;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int sync_with(int (*real)(int), int fd) {
  char path[512];
  if (!watched(fd, path)) return real(fd);
  if (lie) return 0;
  pthread_mutex_lock(&lock);
  if (eio_at && ++syncs == eio_at) {
    pthread_mutex_unlock(&lock);
    errno = EIO;
    return -1;
  }
  int done = real(fd);
  if (!done) forget(path);
  pthread_mutex_unlock(&lock);
  return done;
}

int fsync(int fd) { return sync_with(real_fsync, fd); }
int fdatasync(int fd) { return sync_with(real_fdatasync, fd); }
