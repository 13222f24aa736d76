// What Swift's Glibc overlay hides: system calls behind _GNU_SOURCE, variadic functions and function-like macros.
// Every wrapper keeps the convention of its system call: -1 and errno on failure.
//
// No system header that _GNU_SOURCE changes is included here: its structures would differ from those that the Glibc
// module shows, and the compiler refuses to see both.
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "clinux_namespace.h"

extern const int CLINUX_O_PATH;
extern const int CLINUX_O_DIRECTORY;
extern const int CLINUX_O_NOFOLLOW;
extern const int CLINUX_AT_FDCWD;
extern const int CLINUX_AT_EMPTY_PATH;
extern const int CLINUX_AT_SYMLINK_NOFOLLOW;
extern const int CLINUX_AT_REMOVEDIR;
extern const int CLINUX_RESOLVE_IN_ROOT;
extern const int CLINUX_RESOLVE_BENEATH;
extern const int CLINUX_RESOLVE_NO_SYMLINKS;
extern const int CLINUX_RESOLVE_NO_MAGICLINKS;
extern const int CLINUX_RENAME_NOREPLACE;
extern const int CLINUX_POSIX_SPAWN_SETSID;
extern const int CLINUX_SEEK_DATA;
extern const int CLINUX_SEEK_HOLE;

// What statx(2) tells of one file, flattened.
struct clinux_status {
    uint64_t inode, size, blocks, device;
    uint32_t mode, uid, gid, links, rdev_major, rdev_minor;
    int64_t mtime_seconds, ctime_seconds;
    uint32_t mtime_nanoseconds, ctime_nanoseconds;
};

int clinux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

int clinux_openat(int directory, const char *path, int flags, mode_t mode);

int clinux_status(int directory, const char *path, int flags, struct clinux_status *out);

// When a file was made; links are not followed. 1, or 0 where the file system does not keep it.
int clinux_birth(int directory, const char *path, int64_t *seconds, uint32_t *nanoseconds);

// Fills the buffer with whole records of directory entries: the bytes filled, 0 at the end.
long clinux_getdents(int directory, void *buffer, size_t capacity);

// Starts to write what is dirty of so many bytes of a file to the disk, and does not wait for it; see
// sync_file_range(2), SYNC_FILE_RANGE_WRITE.
int clinux_start_writeback(int file, int64_t offset, int64_t length);

// The parts of one such record; the name is ended by NUL and lives in the buffer.
uint16_t clinux_dirent_length(const void *record);
uint8_t clinux_dirent_type(const void *record);
const char *clinux_dirent_name(const void *record);

int clinux_renameat2(int from, const char *old, int to, const char *new_name, unsigned flags);

int clinux_linkat(int from, const char *old, int to, const char *new_name, int flags);

int clinux_mknodat(int directory, const char *path, mode_t mode, unsigned major_number, unsigned minor_number);

int clinux_utimensat(int directory, const char *path, int64_t seconds, long nanoseconds, int flags);

int clinux_fchownat(int directory, const char *path, uid_t uid, gid_t gid, int flags);

ssize_t clinux_llistxattr(const char *path, char *list, size_t size);
ssize_t clinux_lgetxattr(const char *path, const char *name, void *value, size_t size);
int clinux_lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags);
int clinux_lremovexattr(const char *path, const char *name);

// `f_type` of fstatfs(2): a magic number, see statfs(2). 0 where it cannot be told.
uint64_t clinux_file_system_type(int file);

// Gives the calling thread a file mode mask, root and working directory of its own, and sets the mask to 0. For threads
// that nobody else has work for. Some containers forbid it.
int clinux_unmask_thread(void);

// FICLONE of ioctl_ficlone(2): makes one file share all blocks of another.
int clinux_clone_file(int from, int to);

ssize_t clinux_copy_file_range(int from, int64_t *from_offset, int to, int64_t *to_offset, size_t count);

int clinux_flock(int file, int operation);

int clinux_pidfd_open(pid_t pid);

// The file of the library that a function comes from, by dladdr(3); NULL where it is not known.
const char *clinux_library_of(const void *function);

// pipe2(2) with O_CLOEXEC.
int clinux_pipe(int ends[2]);

int clinux_wait_exited(int status);
int clinux_wait_exit_status(int status);
int clinux_wait_signal(int status);

#endif
