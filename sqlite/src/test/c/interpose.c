/*
 * Sees what a program asks of the disk, for the durability tests. Loaded by LD_PRELOAD into the child under test.
 *
 * Every change to a file in the folder TRACE_FOLDER (SQLite's shared memory "-shm" apart, which is not durable by
 * design) is written to TRACE_LOG in the order in which it happened, and so is everything the program writes to its
 * standard output: its acknowledgements. From this one ordered log a test rebuilds what a power failure could have left
 * behind at any moment.
 *
 * A sync is logged twice, when it begins and when it ends: what was written before the beginning is on disk at the end;
 * what other threads wrote meanwhile may not be. Changes are made and logged under one lock; syncs wait outside it, so
 * that acknowledgements of other threads are logged at the moment they are given.
 *
 * Faults: the program asks for them by trying to open, in that folder, a file named "fault:N:STICKY". It is told that
 * there is no such file, and from then on the Nth call (reads, writes, truncations, syncs, creations and removals
 * together, from 1) fails with EIO, with STICKY=1 all later ones too; N=0 ends it. The name "fault:fired" can be opened
 * if the Nth call was reached. The data of a failing sync may be read back all the same, as from a page cache; any other
 * failing call is not carried out.
 *
 * A log entry: five little-endian 64-bit numbers (kind, file, offset, length of data, token), then the data.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN = 1, WRITE, TRUNCATE, SYNC_BEGIN, SYNC_END, UNLINK, RENAME, OUTPUT, FAULT, READ };

enum { CREATED = 1, FOLDER = 2 };

#define SYNC_MICROSECONDS 200
#define MOST_DESCRIPTORS 4096
#define MOST_NAMES 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *folder;
static size_t folder_length;
static int log_descriptor = -1;

/* File by descriptor, from 1; 0 is a descriptor of no interest. Names are bound to files until unlinked. */
static int file_of[MOST_DESCRIPTORS];
static struct { char *name; int file; } names[MOST_NAMES];
static int files;
static int64_t syncs;

static long fault_at;
static int fault_sticky;
static long faults_counted;

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_pread)(int, void *, size_t, off64_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_ftruncate)(int, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);
static int (*real_link)(const char *, const char *);

static void die(const char *what) {
    dprintf(2, "interpose.c: %s: %s\n", what, strerror(errno));
    _exit(99);
}

static void *next(const char *symbol) {
    void *found = dlsym(RTLD_NEXT, symbol);
    if (found == NULL) {
        die(symbol);
    }
    return found;
}

static void start(void) {
    *(void **)&real_open = next("open64");
    *(void **)&real_close = next("close");
    *(void **)&real_write = next("write");
    *(void **)&real_read = next("read");
    *(void **)&real_pread = next("pread64");
    *(void **)&real_pwrite = next("pwrite64");
    *(void **)&real_ftruncate = next("ftruncate64");
    *(void **)&real_fsync = next("fsync");
    *(void **)&real_fdatasync = next("fdatasync");
    *(void **)&real_unlink = next("unlink");
    *(void **)&real_rename = next("rename");
    *(void **)&real_link = next("link");
    const char *path = getenv("TRACE_LOG");
    folder = getenv("TRACE_FOLDER");
    if (folder == NULL) {
        return;
    }
    folder_length = strlen(folder);
    if (path != NULL) {
        log_descriptor = real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (log_descriptor < 0) {
            die(path);
        }
    }
}

static void ready(void) {
    pthread_once(&once, start);
}

/* With the lock held. */
static void record(enum kind kind, int file, int64_t offset, const void *data, size_t length, int64_t token) {
    if (log_descriptor < 0) {
        return;
    }
    int64_t head[5] = {kind, file, offset, (int64_t)length, token};
    struct iovec parts[2] = {{head, sizeof head}, {(void *)data, length}};
    int saved = errno;
    if (writev(log_descriptor, parts, 2) != (ssize_t)(sizeof head + length)) {
        die("cannot write the log");
    }
    errno = saved;
}

/* With the lock held: whether this call is the one to fail. */
static int fails(enum kind kind, int file) {
    if (fault_at == 0) {
        return 0;
    }
    faults_counted++;
    if (faults_counted == fault_at || (fault_sticky && faults_counted > fault_at)) {
        record(FAULT, file, kind, NULL, 0, faults_counted);
        errno = EIO;
        return 1;
    }
    return 0;
}

/* The name inside the folder, "" for the folder itself, NULL for anything else. */
static const char *traced(const char *path) {
    if (folder == NULL || strncmp(path, folder, folder_length) != 0) {
        return NULL;
    }
    const char *name = path + folder_length;
    if (*name == '\0') {
        return name;
    }
    if (*name != '/') {
        return NULL;
    }
    name++;
    size_t length = strlen(name);
    return length >= 4 && strcmp(name + length - 4, "-shm") == 0 ? NULL : name;
}

static int named(const char *name) {
    for (int i = 0; i < MOST_NAMES; i++) {
        if (names[i].name != NULL && strcmp(names[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static void forget(const char *name) {
    int i = named(name);
    if (i >= 0) {
        free(names[i].name);
        names[i].name = NULL;
    }
}

static int bind(const char *name, int file) {
    forget(name);
    for (int i = 0; i < MOST_NAMES; i++) {
        if (names[i].name == NULL) {
            names[i].name = strdup(name);
            names[i].file = file;
            return file;
        }
    }
    die("too many names");
    return 0;
}

static int traced_descriptor(int descriptor) {
    return descriptor >= 0 && descriptor < MOST_DESCRIPTORS ? __atomic_load_n(&file_of[descriptor], __ATOMIC_ACQUIRE) : 0;
}

/* Whether the name is a word to this library; the answer is then in *descriptor. */
static int commanded(const char *name, int *descriptor) {
    if (strncmp(name, "fault:", 6) != 0) {
        return 0;
    }
    pthread_mutex_lock(&lock);
    if (strcmp(name, "fault:fired") == 0 && fault_at > 0 && faults_counted >= fault_at) {
        *descriptor = real_open("/dev/null", O_RDONLY | O_CLOEXEC);
    } else {
        if (sscanf(name, "fault:%ld:%d", &fault_at, &fault_sticky) == 2) {
            faults_counted = 0;
        }
        *descriptor = -1;
        errno = ENOENT;
    }
    pthread_mutex_unlock(&lock);
    return 1;
}

static int open_traced(const char *path, const char *name, int flags, mode_t mode) {
    pthread_mutex_lock(&lock);
    struct stat before;
    int created = (flags & O_CREAT) != 0 && stat(path, &before) != 0;
    if (created && fails(OPEN, 0)) {
        pthread_mutex_unlock(&lock);
        return -1;
    }
    int descriptor = real_open(path, flags, mode);
    if (descriptor >= MOST_DESCRIPTORS) {
        die("too many open files");
    }
    if (descriptor >= 0) {
        int known = named(name);
        int file;
        if (created || known < 0) {
            file = bind(name, ++files);
            record(OPEN, file, 0, name, strlen(name), (created ? CREATED : 0) | (*name == '\0' ? FOLDER : 0));
        } else {
            file = names[known].file;
        }
        if ((flags & O_TRUNC) != 0 && !created) {
            record(TRUNCATE, file, 0, NULL, 0, 0);
        }
        __atomic_store_n(&file_of[descriptor], file, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&lock);
    return descriptor;
}

static int opened(const char *path, int flags, mode_t mode) {
    ready();
    const char *name = traced(path);
    int descriptor;
    if (name == NULL) {
        return real_open(path, flags, mode);
    }
    return commanded(name, &descriptor) ? descriptor : open_traced(path, name, flags, mode);
}

static mode_t mode_argument(int flags, va_list arguments) {
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

int open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_argument(flags, arguments);
    va_end(arguments);
    return opened(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_argument(flags, arguments);
    va_end(arguments);
    return opened(path, flags, mode);
}

int close(int descriptor) {
    ready();
    if (traced_descriptor(descriptor) != 0) {
        __atomic_store_n(&file_of[descriptor], 0, __ATOMIC_RELEASE);
    }
    return real_close(descriptor);
}

static ssize_t written_at(int descriptor, const void *data, size_t length, off64_t offset) {
    ready();
    int file = traced_descriptor(descriptor);
    if (file == 0) {
        return real_pwrite(descriptor, data, length, offset);
    }
    pthread_mutex_lock(&lock);
    ssize_t done = fails(WRITE, file) ? -1 : real_pwrite(descriptor, data, length, offset);
    if (done > 0) {
        record(WRITE, file, offset, data, (size_t)done, 0);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite64(int descriptor, const void *data, size_t length, off64_t offset) {
    return written_at(descriptor, data, length, offset);
}

ssize_t pwrite(int descriptor, const void *data, size_t length, off_t offset) {
    return written_at(descriptor, data, length, offset);
}

ssize_t write(int descriptor, const void *data, size_t length) {
    ready();
    if (descriptor == 1 && folder != NULL) {
        pthread_mutex_lock(&lock);
        record(OUTPUT, 0, 0, data, length, 0);
        pthread_mutex_unlock(&lock);
        return real_write(descriptor, data, length);
    }
    int file = traced_descriptor(descriptor);
    if (file == 0) {
        return real_write(descriptor, data, length);
    }
    pthread_mutex_lock(&lock);
    off64_t offset = lseek64(descriptor, 0, (fcntl(descriptor, F_GETFL) & O_APPEND) != 0 ? SEEK_END : SEEK_CUR);
    ssize_t done = fails(WRITE, file) ? -1 : real_write(descriptor, data, length);
    if (done > 0) {
        record(WRITE, file, offset, data, (size_t)done, 0);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

static int read_fails(int descriptor) {
    ready();
    int file = traced_descriptor(descriptor);
    if (file == 0) {
        return 0;
    }
    pthread_mutex_lock(&lock);
    int failing = fails(READ, file);
    pthread_mutex_unlock(&lock);
    return failing;
}

ssize_t pread64(int descriptor, void *data, size_t length, off64_t offset) {
    return read_fails(descriptor) ? -1 : real_pread(descriptor, data, length, offset);
}

ssize_t pread(int descriptor, void *data, size_t length, off_t offset) {
    return read_fails(descriptor) ? -1 : real_pread(descriptor, data, length, offset);
}

ssize_t read(int descriptor, void *data, size_t length) {
    return read_fails(descriptor) ? -1 : real_read(descriptor, data, length);
}

static int truncated(int descriptor, off64_t size) {
    ready();
    int file = traced_descriptor(descriptor);
    if (file == 0) {
        return real_ftruncate(descriptor, size);
    }
    pthread_mutex_lock(&lock);
    int result = fails(TRUNCATE, file) ? -1 : real_ftruncate(descriptor, size);
    if (result == 0) {
        record(TRUNCATE, file, size, NULL, 0, 0);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate64(int descriptor, off64_t size) {
    return truncated(descriptor, size);
}

int ftruncate(int descriptor, off_t size) {
    return truncated(descriptor, size);
}

static int synced(int descriptor, int (*real)(int)) {
    int file = traced_descriptor(descriptor);
    if (file == 0) {
        return real(descriptor);
    }
    pthread_mutex_lock(&lock);
    int64_t token = ++syncs;
    int failing = fails(SYNC_BEGIN, file);
    record(SYNC_BEGIN, file, 0, NULL, 0, token);
    pthread_mutex_unlock(&lock);
    usleep(SYNC_MICROSECONDS);
    int result = failing ? -1 : 0;
    pthread_mutex_lock(&lock);
    record(SYNC_END, file, result, NULL, 0, token);
    pthread_mutex_unlock(&lock);
    errno = EIO;
    return result;
}

int fsync(int descriptor) {
    ready();
    return synced(descriptor, real_fsync);
}

int fdatasync(int descriptor) {
    ready();
    return synced(descriptor, real_fdatasync);
}

int unlink(const char *path) {
    ready();
    const char *name = traced(path);
    if (name == NULL) {
        return real_unlink(path);
    }
    pthread_mutex_lock(&lock);
    int result = fails(UNLINK, 0) ? -1 : real_unlink(path);
    if (result == 0) {
        record(UNLINK, 0, 0, name, strlen(name), 0);
        forget(name);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

/* A new name for a file whose old one is removed next: told as a rename, which is what is left of both. */
int link(const char *from, const char *to) {
    ready();
    const char *old = traced(from);
    const char *new = traced(to);
    if (old == NULL || new == NULL) {
        return real_link(from, to);
    }
    pthread_mutex_lock(&lock);
    int result = fails(RENAME, 0) ? -1 : real_link(from, to);
    if (result == 0) {
        char both[2 * PATH_MAX];
        int length = snprintf(both, sizeof both, "%s%c%s", old, '\0', new);
        record(RENAME, 0, 0, both, (size_t)length, 0);
        int known = named(old);
        if (known >= 0) {
            int file = names[known].file;
            forget(old);
            bind(new, file);
        }
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int rename(const char *from, const char *to) {
    ready();
    const char *old = traced(from);
    const char *new = traced(to);
    if (old == NULL && new == NULL) {
        return real_rename(from, to);
    }
    if (old == NULL || new == NULL) {
        errno = EXDEV;
        die("a rename into or out of the folder is not supported");
    }
    pthread_mutex_lock(&lock);
    int result = fails(RENAME, 0) ? -1 : real_rename(from, to);
    if (result == 0) {
        char both[2 * PATH_MAX];
        int length = snprintf(both, sizeof both, "%s%c%s", old, '\0', new);
        record(RENAME, 0, 0, both, (size_t)length, 0);
        int known = named(old);
        if (known >= 0) {
            int file = names[known].file;
            forget(old);
            bind(new, file);
        }
    }
    pthread_mutex_unlock(&lock);
    return result;
}
