// Which system calls the supervisor is asked about, whatever their number is on an architecture.
#ifndef CSANDBOX_SUPERVISOR_CALLS_H
#define CSANDBOX_SUPERVISOR_CALLS_H

#include <stddef.h>
#include <stdint.h>

struct sock_filter;

enum supervised_call {
    CALL_NONE = 0,
    CALL_REFUSED, // ENOSYS, by the filter itself

    // Status of files.
    CALL_STAT, CALL_LSTAT, CALL_FSTAT, CALL_FSTATAT, CALL_STATX,
    CALL_OLD_STAT, CALL_OLD_LSTAT, CALL_OLD_FSTAT, // 32-bit: struct stat with 32-bit inode numbers
    CALL_STAT64, CALL_LSTAT64, CALL_FSTAT64, CALL_FSTATAT64, // 32-bit: struct stat64

    // Owners and modes.
    CALL_CHOWN, CALL_LCHOWN, CALL_FCHOWN, CALL_FCHOWNAT,
    CALL_CHMOD, CALL_FCHMOD, CALL_FCHMODAT, CALL_FCHMODAT2, CALL_UMASK,
    CALL_ACCESS, CALL_FACCESSAT, CALL_FACCESSAT2,

    // Names.
    CALL_OPEN, CALL_OPENAT, CALL_OPENAT2, CALL_CREAT, CALL_MKNOD, CALL_MKNODAT, CALL_MKDIR, CALL_MKDIRAT,
    CALL_SYMLINK, CALL_SYMLINKAT, CALL_LINK, CALL_LINKAT, CALL_RENAME, CALL_RENAMEAT, CALL_UTIMENSAT,

    // Extended attributes.
    CALL_SETXATTR, CALL_LSETXATTR, CALL_FSETXATTR, CALL_GETXATTR, CALL_LGETXATTR, CALL_FGETXATTR,
    CALL_LISTXATTR, CALL_LLISTXATTR, CALL_FLISTXATTR, CALL_REMOVEXATTR, CALL_LREMOVEXATTR, CALL_FREMOVEXATTR,

    CALL_ROOT, // chroot, pivot_root, and what gives a process a mount namespace of its own

    // Identities: answered in supervisor_ids.c.
    CALL_FIRST_IDENTITY,
    CALL_GETUID = CALL_FIRST_IDENTITY, CALL_GETEUID, CALL_GETGID, CALL_GETEGID, CALL_GETRESUID, CALL_GETRESGID,
    CALL_SETUID, CALL_SETGID, CALL_SETREUID, CALL_SETREGID, CALL_SETRESUID, CALL_SETRESGID, CALL_SETFSUID,
    CALL_SETFSGID, CALL_GETGROUPS, CALL_SETGROUPS, CALL_EXECVE, CALL_EXECVEAT, CALL_PRCTL, CALL_CAPSET,
    CALL_CAPGET, CALL_GETSOCKOPT,
    CALL_COUNT
};

// When the filter asks.
enum argument_test { TEST_ALWAYS = 0, TEST_ANY_BIT, TEST_EQUAL };

struct supervised_row {
    uint16_t number;
    uint8_t call;     // an enum supervised_call
    uint8_t test;     // an enum argument_test, of the low half of argument `argument` with `value`
    uint8_t argument;
    uint32_t value;
};

// Every instruction of the largest filter fits.
enum { FILTER_CAPACITY = 1024 };

// Writes the filter to `program`, and returns its length.
size_t supervisor_filter(struct sock_filter *program);

// What `number` is on the architecture `arch` (AUDIT_ARCH_*).
int supervisor_call(uint32_t arch, uint32_t number);

#endif
