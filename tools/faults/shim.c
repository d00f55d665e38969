/*
 * Faults for a process and all it starts, loaded with LD_PRELOAD: counts the calls that change files below one folder, and at one of them kills the process,
 * stops it, or lets the call fail, write less, or lie. Told what to do by the environment:
 *
 *   FAULTS_FOLDER   real path; calls on anything that is not below it pass uncounted
 *   FAULTS_COUNTER  file of 8 bytes, mapped by all processes: how many calls there were
 *   FAULTS_AT       number of the call at which to act, from 1
 *   FAULTS_UNTIL    number of the last call at which to act; default FAULTS_AT
 *   FAULTS_ACT      kill (before the call) | tear (writes half, then kill) | killgroup | segv | stop (SIGSTOP, then goes on) |
 *                   short (writes half) | spent (writes half, the next call fails with ENOSPC) | cheat (writes half, says whole) | ENOSPC | EIO | EDQUOT | EROFS
 *   FAULTS_LIE      of `file`, `folder`, with a comma: syncs of these say 0 and do nothing
 *   FAULTS_TRACE    file that gets a record for each counted call; see record()
 *
 * Counted are: opening for writing (`open`, `create`, `truncate`), write, writev, pwrite, pwritev, fsync, fdatasync, ftruncate, fchmod, fchown, chmod, rename, link,
 * symlink, unlink, mkdir, rmdir. Node and its libuv reach the kernel through these functions of libc, with UV_USE_IO_URING=0.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))real(#name))

enum act { NONE, KILL, TEAR, KILLGROUP, SEGV, STOP, SHORT, SPENT, CHEAT, FAIL };

static char folder[PATH_MAX];
static size_t folder_length;
static _Atomic unsigned long own_counter;
static _Atomic unsigned long *counter = &own_counter;
static unsigned long from, until;
static enum act act = NONE;
static int act_errno;
static int lie_file, lie_folder;
static int trace = -1;

static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  return found;
}

/* ---- set up ---- */

static void read_act(const char *name) {
  static const struct { const char *name; enum act act; int code; } acts[] = {
    {"kill", KILL, 0}, {"tear", TEAR, 0}, {"killgroup", KILLGROUP, 0}, {"segv", SEGV, 0}, {"stop", STOP, 0}, {"short", SHORT, 0}, {"spent", SPENT, ENOSPC}, {"cheat", CHEAT, 0},
    {"ENOSPC", FAIL, ENOSPC}, {"EIO", FAIL, EIO}, {"EDQUOT", FAIL, EDQUOT}, {"EROFS", FAIL, EROFS},
  };
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
    if (strcmp(name, acts[i].name) == 0) {
      act = acts[i].act;
      act_errno = acts[i].code;
      return;
    }
  fprintf(stderr, "faults: unknown act '%s'\n", name);
  _exit(99);
}

/* A harness whose shim is not what it takes it for must not report a pass. */
static void die(const char *what) {
  fprintf(stderr, "faults: %s: %s\n", what, strerror(errno));
  _exit(99);
}

__attribute__((constructor)) static void set_up(void) {
  const char *value = getenv("FAULTS_FOLDER");
  if (value == NULL) return;
  snprintf(folder, sizeof folder, "%s", value);
  folder_length = strlen(folder);
  if ((value = getenv("FAULTS_COUNTER")) != NULL) {
    int fd = syscall(SYS_openat, AT_FDCWD, value, O_RDWR | O_CLOEXEC);
    if (fd < 0) die("FAULTS_COUNTER");
    void *map = mmap(NULL, sizeof own_counter, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) die("FAULTS_COUNTER");
    counter = map;
    syscall(SYS_close, fd);
  }
  if ((value = getenv("FAULTS_AT")) != NULL) from = until = strtoul(value, NULL, 10);
  if ((value = getenv("FAULTS_UNTIL")) != NULL) until = strtoul(value, NULL, 10);
  if ((value = getenv("FAULTS_ACT")) != NULL) read_act(value);
  if (act == SPENT) until = from + 1;
  if ((value = getenv("FAULTS_LIE")) != NULL) {
    lie_file = strstr(value, "file") != NULL;
    lie_folder = strstr(value, "folder") != NULL;
  }
  if ((value = getenv("FAULTS_TRACE")) != NULL) {
    trace = syscall(SYS_openat, AT_FDCWD, value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (trace < 0) die("FAULTS_TRACE");
  }
}

/* ---- which files ---- */

static int is_below(const char *path) {
  return folder_length > 0 && strncmp(path, folder, folder_length) == 0 && (path[folder_length] == '/' || path[folder_length] == '\0');
}

/* The real path of a name, whose last part need not exist and is not followed. False where it is not below the folder. */
static int place_of_name(int at, const char *name, char out[PATH_MAX]) {
  char parent[PATH_MAX], joined[PATH_MAX];
  if (folder_length == 0 || name == NULL) return 0;
  if (name[0] == '/' || at == AT_FDCWD) snprintf(joined, sizeof joined, "%s", name);
  else if ((size_t)snprintf(joined, sizeof joined, "/proc/self/fd/%d/%s", at, name) >= sizeof joined) return 0;
  char *slash = strrchr(joined, '/');
  const char *last = slash == NULL ? joined : slash + 1;
  if (slash == NULL) strcpy(parent, ".");
  else snprintf(parent, sizeof parent, "%.*s", slash == joined ? 1 : (int)(slash - joined), joined);
  char resolved[PATH_MAX];
  if (realpath(parent, resolved) == NULL) return 0;
  if ((size_t)snprintf(out, PATH_MAX, "%s/%s", resolved, last) >= PATH_MAX) return 0;
  return is_below(out);
}

static int place_of_descriptor(int fd, char out[PATH_MAX]) {
  char link[64];
  if (folder_length == 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, out, PATH_MAX - 1);
  if (length <= 0) return 0;
  out[length] = '\0';
  return is_below(out);
}

/* ---- what happened ---- */

struct call {
  const char *name;
  unsigned long number;
  char path[PATH_MAX], other[PATH_MAX];
};

static void escape(char *out, const char *path) {
  size_t at = 0;
  for (const char *c = path; *c != '\0' && at < PATH_MAX * 3 - 4; c++) {
    if (*c == '%' || *c == '\t' || *c == '\n') at += sprintf(out + at, "%%%02X", *c);
    else out[at++] = *c;
  }
  out[at] = '\0';
}

/* One record: number, pid, name, result (or -errno), inode, offset, length, path, other path, with tabs between; a newline; then `length` raw bytes. */
static void record(struct call *call, long result, ino_t inode, off_t offset, const void *bytes, size_t length) {
  if (trace < 0) return;
  /* Not thread-local: Node starts a thread with so small a stack that it could not hold them. */
  char header[PATH_MAX * 6 + 256], path[PATH_MAX * 3], other[PATH_MAX * 3];
  escape(path, call->path);
  escape(other, call->other);
  int size = snprintf(header, sizeof header, "%lu\t%d\t%s\t%ld\t%lu\t%ld\t%zu\t%s\t%s\n", call->number, getpid(), call->name, result, (unsigned long)inode,
                      (long)offset, length, path, other);
  struct iovec parts[] = {{header, size}, {(void *)bytes, length}};
  if (syscall(SYS_writev, trace, parts, length > 0 ? 2 : 1) != (long)(size + length)) die("FAULTS_TRACE");
}

static ino_t inode_of(int fd) {
  struct stat found;
  return fstat(fd, &found) == 0 ? found.st_ino : 0;
}

static ino_t inode_at(const char *path) {
  struct stat found;
  return lstat(path, &found) == 0 ? found.st_ino : 0;
}

/* ---- the call at which something happens ---- */

/* Counts the call. Says what to do with it; the dead do not return. */
static enum act arrive(struct call *call, int writes) {
  call->number = atomic_fetch_add(counter, 1) + 1;
  if (act == NONE || call->number < from || call->number > until) return NONE;
  if (act == TEAR && writes) return TEAR;
  if (act == KILL || act == TEAR) syscall(SYS_kill, getpid(), SIGKILL);
  if (act == KILLGROUP) syscall(SYS_kill, 0, SIGKILL);
  if (act == SEGV) {
    signal(SIGSEGV, SIG_DFL);
    syscall(SYS_kill, getpid(), SIGSEGV);
  }
  if (act == STOP) {
    syscall(SYS_kill, getpid(), SIGSTOP);
    return NONE;
  }
  if (act == SPENT && call->number > from) return FAIL;
  if (act == FAIL || writes) return act == SPENT ? SHORT : act;
  return NONE;
}

static int refuse(struct call *call, ino_t inode) {
  record(call, -act_errno, inode, 0, NULL, 0);
  errno = act_errno;
  return -1;
}

/* ---- opening ---- */

typedef int (*opener)(int at, const char *name, int flags, mode_t mode);

static int open_counted(opener open_really, int at, const char *name, int flags, mode_t mode) {
  struct call call = {.other = ""};
  int writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
  if (!writes || (flags & O_PATH) != 0 || (flags & O_TMPFILE) == O_TMPFILE || !place_of_name(at, name, call.path)) return open_really(at, name, flags, mode);
  struct stat before;
  int existed = stat(call.path, &before) == 0;
  if (existed && !S_ISREG(before.st_mode)) return open_really(at, name, flags, mode);
  call.name = !existed ? "create" : (flags & O_TRUNC) != 0 && before.st_size > 0 ? "truncate" : "open";
  if (arrive(&call, 0) == FAIL) return refuse(&call, 0);
  int fd = open_really(at, name, flags, mode);
  int code = errno;
  /* Of a link, what it leads to: that is the name that was created. */
  if (fd >= 0) place_of_descriptor(fd, call.path);
  record(&call, fd < 0 ? -code : 0, fd < 0 ? 0 : inode_of(fd), 0, NULL, 0);
  errno = code;
  return fd;
}

static int by_open(int at, const char *name, int flags, mode_t mode) { (void)at; return REAL(open)(name, flags, mode); }
static int by_open64(int at, const char *name, int flags, mode_t mode) { (void)at; return REAL(open64)(name, flags, mode); }
static int by_openat(int at, const char *name, int flags, mode_t mode) { return REAL(openat)(at, name, flags, mode); }
static int by_openat64(int at, const char *name, int flags, mode_t mode) { return REAL(openat64)(at, name, flags, mode); }

#define MODE_OF(flags) \
  mode_t mode = 0; \
  if (((flags) & (O_CREAT | O_TMPFILE)) != 0) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = va_arg(rest, mode_t); \
    va_end(rest); \
  }

int open(const char *name, int flags, ...) { MODE_OF(flags) return open_counted(by_open, AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE_OF(flags) return open_counted(by_open64, AT_FDCWD, name, flags, mode); }
int openat(int at, const char *name, int flags, ...) { MODE_OF(flags) return open_counted(by_openat, at, name, flags, mode); }
int openat64(int at, const char *name, int flags, ...) { MODE_OF(flags) return open_counted(by_openat64, at, name, flags, mode); }
int creat(const char *name, mode_t mode) { return open_counted(by_open, AT_FDCWD, name, O_WRONLY | O_CREAT | O_TRUNC, mode); }
int creat64(const char *name, mode_t mode) { return open_counted(by_open64, AT_FDCWD, name, O_WRONLY | O_CREAT | O_TRUNC, mode); }

/* ---- writing ---- */

static ssize_t do_write(int fd, const void *bytes, size_t length, off_t offset) {
  return offset < 0 ? syscall(SYS_write, fd, bytes, length) : syscall(SYS_pwrite64, fd, bytes, length, offset);
}

/* `offset` is negative where the file's own position counts. */
static ssize_t write_counted(const char *name, int fd, const void *bytes, size_t length, off_t offset) {
  struct call call = {.name = name, .other = ""};
  if (!place_of_descriptor(fd, call.path)) return do_write(fd, bytes, length, offset);
  enum act now = arrive(&call, 1);
  if (now == FAIL) return refuse(&call, inode_of(fd));
  size_t part = now == NONE || length < 2 ? length : length / 2;
  ssize_t taken = do_write(fd, bytes, part, offset);
  int code = errno;
  if (now == TEAR) syscall(SYS_kill, getpid(), SIGKILL);
  if (taken < 0) {
    record(&call, -code, inode_of(fd), 0, NULL, 0);
  } else {
    int appends = (fcntl(fd, F_GETFL) & O_APPEND) != 0;
    off_t end = offset < 0 ? lseek(fd, 0, SEEK_CUR) : appends ? lseek(fd, 0, SEEK_END) : offset + taken;
    record(&call, taken, inode_of(fd), end - taken, bytes, taken);
  }
  errno = code;
  return now == CHEAT && taken >= 0 ? (ssize_t)length : taken;
}

/* A vector is written as one piece: what the kernel may cut anywhere, a test may cut anywhere. */
static ssize_t writev_counted(const char *name, int fd, const struct iovec *parts, int count, off_t offset) {
  char place[PATH_MAX];
  if (!place_of_descriptor(fd, place)) {
    if (offset < 0) return syscall(SYS_writev, fd, parts, count);
    return syscall(SYS_pwritev, fd, parts, count, (unsigned long)offset, 0UL);
  }
  size_t length = 0, at = 0;
  for (int i = 0; i < count; i++) length += parts[i].iov_len;
  char *joined = malloc(length + 1);
  if (joined == NULL) die("malloc");
  for (int i = 0; i < count; at += parts[i++].iov_len) memcpy(joined + at, parts[i].iov_base, parts[i].iov_len);
  ssize_t taken = write_counted(name, fd, joined, length, offset);
  int code = errno;
  free(joined);
  errno = code;
  return taken;
}

ssize_t write(int fd, const void *bytes, size_t length) { return write_counted("write", fd, bytes, length, -1); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return write_counted("write", fd, bytes, length, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return write_counted("write", fd, bytes, length, offset); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return writev_counted("write", fd, parts, count, -1); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return writev_counted("write", fd, parts, count, offset); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) { return writev_counted("write", fd, parts, count, offset); }

/* ---- by descriptor ---- */

static int sync_counted(int fd, int data_only) {
  struct call call = {.other = ""};
  struct stat found;
  long really = data_only ? SYS_fdatasync : SYS_fsync;
  if (!place_of_descriptor(fd, call.path) || fstat(fd, &found) != 0) return syscall(really, fd);
  int is_folder = S_ISDIR(found.st_mode);
  call.name = is_folder ? "syncfolder" : "sync";
  if (arrive(&call, 0) == FAIL) return refuse(&call, found.st_ino);
  if (is_folder ? lie_folder : lie_file) {
    call.name = "lie";
    record(&call, 0, found.st_ino, 0, NULL, 0);
    return 0;
  }
  int result = syscall(really, fd);
  int code = errno;
  record(&call, result < 0 ? -code : 0, found.st_ino, 0, NULL, 0);
  errno = code;
  return result;
}

int fsync(int fd) { return sync_counted(fd, 0); }
int fdatasync(int fd) { return sync_counted(fd, 1); }

#define BY_DESCRIPTOR(label, really, offset) \
  struct call call = {.name = label, .other = ""}; \
  if (!place_of_descriptor(fd, call.path)) return really; \
  if (arrive(&call, 0) == FAIL) return refuse(&call, inode_of(fd)); \
  int result = really; \
  int code = errno; \
  record(&call, result < 0 ? -code : 0, inode_of(fd), offset, NULL, 0); \
  errno = code; \
  return result;

int ftruncate(int fd, off_t size) { BY_DESCRIPTOR("ftruncate", (int)syscall(SYS_ftruncate, fd, size), size) }
int ftruncate64(int fd, off64_t size) { BY_DESCRIPTOR("ftruncate", (int)syscall(SYS_ftruncate, fd, size), size) }
int fchmod(int fd, mode_t mode) { BY_DESCRIPTOR("fchmod", REAL(fchmod)(fd, mode), (off_t)mode) }
int fchown(int fd, uid_t user, gid_t group) { BY_DESCRIPTOR("fchown", REAL(fchown)(fd, user, group), 0) }

/* ---- by name ---- */

/* The inode is that of the file that had the name, looked at before the call. */
#define BY_NAME(label, at, name, really) \
  struct call call = {.name = label, .other = ""}; \
  if (!place_of_name(at, name, call.path)) return really; \
  ino_t inode = inode_at(call.path); \
  if (arrive(&call, 0) == FAIL) return refuse(&call, inode); \
  int result = really; \
  int code = errno; \
  record(&call, result < 0 ? -code : 0, inode, 0, NULL, 0); \
  errno = code; \
  return result;

int unlink(const char *name) { BY_NAME("unlink", AT_FDCWD, name, REAL(unlink)(name)) }
int remove(const char *name) { BY_NAME("unlink", AT_FDCWD, name, REAL(remove)(name)) }
int unlinkat(int at, const char *name, int flags) { BY_NAME(flags & AT_REMOVEDIR ? "rmdir" : "unlink", at, name, REAL(unlinkat)(at, name, flags)) }
int rmdir(const char *name) { BY_NAME("rmdir", AT_FDCWD, name, REAL(rmdir)(name)) }
int mkdir(const char *name, mode_t mode) { BY_NAME("mkdir", AT_FDCWD, name, REAL(mkdir)(name, mode)) }
int mkdirat(int at, const char *name, mode_t mode) { BY_NAME("mkdir", at, name, REAL(mkdirat)(at, name, mode)) }
int chmod(const char *name, mode_t mode) { BY_NAME("chmod", AT_FDCWD, name, REAL(chmod)(name, mode)) }
int symlink(const char *text, const char *name) { BY_NAME("symlink", AT_FDCWD, name, REAL(symlink)(text, name)) }

#define BY_NAMES(label, from_at, from_name, to_at, to_name, really) \
  struct call call = {.name = label}; \
  int below = place_of_name(from_at, from_name, call.path); \
  if (!place_of_name(to_at, to_name, call.other) && !below) return really; \
  ino_t inode = inode_at(call.path); \
  if (arrive(&call, 0) == FAIL) return refuse(&call, inode); \
  int result = really; \
  int code = errno; \
  record(&call, result < 0 ? -code : 0, inode, 0, NULL, 0); \
  errno = code; \
  return result;

int rename(const char *a, const char *b) { BY_NAMES("rename", AT_FDCWD, a, AT_FDCWD, b, REAL(rename)(a, b)) }
int renameat(int at, const char *a, int bt, const char *b) { BY_NAMES("rename", at, a, bt, b, REAL(renameat)(at, a, bt, b)) }
int renameat2(int at, const char *a, int bt, const char *b, unsigned flags) { BY_NAMES("rename", at, a, bt, b, REAL(renameat2)(at, a, bt, b, flags)) }
int link(const char *a, const char *b) { BY_NAMES("link", AT_FDCWD, a, AT_FDCWD, b, REAL(link)(a, b)) }
int linkat(int at, const char *a, int bt, const char *b, int flags) { BY_NAMES("link", at, a, bt, b, REAL(linkat)(at, a, bt, b, flags)) }
