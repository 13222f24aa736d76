#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "clinux.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sched.h>
#include <spawn.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

const int CLINUX_O_PATH = O_PATH;
const int CLINUX_O_DIRECTORY = O_DIRECTORY;
const int CLINUX_O_NOFOLLOW = O_NOFOLLOW;
const int CLINUX_AT_FDCWD = AT_FDCWD;
const int CLINUX_AT_EMPTY_PATH = AT_EMPTY_PATH;
const int CLINUX_AT_SYMLINK_NOFOLLOW = AT_SYMLINK_NOFOLLOW;
const int CLINUX_AT_REMOVEDIR = AT_REMOVEDIR;
const int CLINUX_RESOLVE_IN_ROOT = RESOLVE_IN_ROOT;
const int CLINUX_RESOLVE_BENEATH = RESOLVE_BENEATH;
const int CLINUX_RESOLVE_NO_SYMLINKS = RESOLVE_NO_SYMLINKS;
const int CLINUX_RESOLVE_NO_MAGICLINKS = RESOLVE_NO_MAGICLINKS;
const int CLINUX_RENAME_NOREPLACE = 1;
const int CLINUX_POSIX_SPAWN_SETSID = POSIX_SPAWN_SETSID;
const int CLINUX_SEEK_DATA = 3;
const int CLINUX_SEEK_HOLE = 4;

int clinux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int clinux_openat(int directory, const char *path, int flags, mode_t mode) {
    return openat(directory, path, flags, mode);
}

int clinux_status(int directory, const char *path, int flags, struct clinux_status *out) {
    struct statx s;
    if (statx(directory, path, flags | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &s) != 0) return -1;
    out->inode = s.stx_ino;
    out->size = s.stx_size;
    out->blocks = s.stx_blocks;
    out->device = makedev(s.stx_dev_major, s.stx_dev_minor);
    out->mode = s.stx_mode;
    out->uid = s.stx_uid;
    out->gid = s.stx_gid;
    out->links = s.stx_nlink;
    out->rdev_major = s.stx_rdev_major;
    out->rdev_minor = s.stx_rdev_minor;
    out->mtime_seconds = s.stx_mtime.tv_sec;
    out->mtime_nanoseconds = s.stx_mtime.tv_nsec;
    out->ctime_seconds = s.stx_ctime.tv_sec;
    out->ctime_nanoseconds = s.stx_ctime.tv_nsec;
    return 0;
}

int clinux_birth(int directory, const char *path, int64_t *seconds, uint32_t *nanoseconds) {
    struct statx s;
    if (statx(directory, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BTIME, &s) != 0) return -1;
    int is_known = (s.stx_mask & STATX_BTIME) != 0;
    *seconds = is_known ? s.stx_btime.tv_sec : 0;
    *nanoseconds = is_known ? s.stx_btime.tv_nsec : 0;
    return is_known;
}

int clinux_start_writeback(int file, int64_t offset, int64_t length) {
    return sync_file_range(file, offset, length, SYNC_FILE_RANGE_WRITE);
}

long clinux_getdents(int directory, void *buffer, size_t capacity) {
    return syscall(SYS_getdents64, directory, buffer, capacity);
}

uint16_t clinux_dirent_length(const void *record) {
    uint16_t length;
    memcpy(&length, (const char *)record + 16, sizeof length);
    return length;
}

uint8_t clinux_dirent_type(const void *record) {
    return *((const uint8_t *)record + 18);
}

const char *clinux_dirent_name(const void *record) {
    return (const char *)record + 19;
}

int clinux_renameat2(int from, const char *old, int to, const char *new_name, unsigned flags) {
    return (int)syscall(SYS_renameat2, from, old, to, new_name, flags);
}

int clinux_linkat(int from, const char *old, int to, const char *new_name, int flags) {
    return linkat(from, old, to, new_name, flags);
}

int clinux_mknodat(int directory, const char *path, mode_t mode, unsigned major_number, unsigned minor_number) {
    return mknodat(directory, path, mode, makedev(major_number, minor_number));
}

int clinux_utimensat(int directory, const char *path, int64_t seconds, long nanoseconds, int flags) {
    struct timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = seconds, .tv_nsec = nanoseconds}};
    return utimensat(directory, path, times, flags);
}

int clinux_fchownat(int directory, const char *path, uid_t uid, gid_t gid, int flags) {
    return fchownat(directory, path, uid, gid, flags);
}

ssize_t clinux_llistxattr(const char *path, char *list, size_t size) { return llistxattr(path, list, size); }
ssize_t clinux_lgetxattr(const char *path, const char *name, void *value, size_t size) {
    return lgetxattr(path, name, value, size);
}
int clinux_lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags) {
    return lsetxattr(path, name, value, size, flags);
}
int clinux_lremovexattr(const char *path, const char *name) { return lremovexattr(path, name); }

uint64_t clinux_file_system_type(int file) {
    struct statfs status;
    return fstatfs(file, &status) == 0 ? (uint64_t)status.f_type : 0;
}

int clinux_unmask_thread(void) {
    if (unshare(CLONE_FS) != 0) return -1;
    umask(0);
    return 0;
}

int clinux_clone_file(int from, int to) { return ioctl(to, FICLONE, from); }

ssize_t clinux_copy_file_range(int from, int64_t *from_offset, int to, int64_t *to_offset, size_t count) {
    return copy_file_range(from, from_offset, to, to_offset, count, 0);
}

int clinux_flock(int file, int operation) { return flock(file, operation); }

int clinux_wait_exited(int status) { return WIFEXITED(status); }
int clinux_wait_exit_status(int status) { return WEXITSTATUS(status); }
int clinux_wait_signal(int status) { return WTERMSIG(status); }

const char *clinux_library_of(const void *function) {
    Dl_info place;
    return dladdr(function, &place) ? place.dli_fname : NULL;
}

int clinux_pidfd_open(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
