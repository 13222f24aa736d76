#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "supervisor_calls.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// What older headers lack; the numbers are the same on every architecture.
enum { NUMBER_FCHMODAT2 = 452, NUMBER_SETXATTRAT = 463, NUMBER_REMOVEXATTRAT = 466, NUMBER_OPENAT2 = 437, NUMBER_FACCESSAT2 = 439,
       NUMBER_IO_URING_SETUP = 425, NUMBER_CLONE3 = 435, X32_BIT = 0x40000000, OPENED = O_CREAT | O_WRONLY | O_RDWR | 020000000 /* of O_TMPFILE */,
       OWNER_BITS = 0700,
       PEER_GROUPS = 59 /* SO_PEERGROUPS */ };

#define ROW(number, call) {number, call, TEST_ALWAYS, 0, 0}
#define ANY(number, call, argument, bits) {number, call, TEST_ANY_BIT, argument, bits}
#define EQUAL(number, call, argument, value) {number, call, TEST_EQUAL, argument, value}

// Numbers since Linux 5.1 are one for all architectures.
#define COMMON_ROWS                                                                                                    \
    ROW(NUMBER_OPENAT2, CALL_OPENAT2), ANY(NUMBER_FACCESSAT2, CALL_FACCESSAT2, 2, R_OK | W_OK | X_OK), ROW(NUMBER_FCHMODAT2, CALL_FCHMODAT2),                                          \
        ROW(NUMBER_IO_URING_SETUP, CALL_REFUSED), ROW(NUMBER_CLONE3, CALL_REFUSED), ROW(NUMBER_SETXATTRAT, CALL_REFUSED),                                \
        ROW(NUMBER_SETXATTRAT + 1, CALL_REFUSED), ROW(NUMBER_SETXATTRAT + 2, CALL_REFUSED),                            \
        ROW(NUMBER_REMOVEXATTRAT, CALL_REFUSED)

// The most frequent ones first: the program looks at one after the other.
static const struct supervised_row native[] = {
    ANY(SYS_openat, CALL_OPENAT, 2, OPENED), ROW(SYS_newfstatat, CALL_FSTATAT), ROW(SYS_fstat, CALL_FSTAT),
    ROW(SYS_statx, CALL_STATX),
#ifdef SYS_open
    ANY(SYS_open, CALL_OPEN, 1, OPENED), ROW(SYS_stat, CALL_STAT), ROW(SYS_lstat, CALL_LSTAT),
    ROW(SYS_creat, CALL_CREAT), ROW(SYS_chown, CALL_CHOWN), ROW(SYS_lchown, CALL_LCHOWN), ROW(SYS_chmod, CALL_CHMOD),
    ROW(SYS_mknod, CALL_MKNOD), ROW(SYS_mkdir, CALL_MKDIR), ROW(SYS_symlink, CALL_SYMLINK), ROW(SYS_link, CALL_LINK),
    ROW(SYS_rename, CALL_RENAME), ANY(SYS_access, CALL_ACCESS, 1, R_OK | W_OK | X_OK),
#endif
#ifdef SYS_renameat
    ROW(SYS_renameat, CALL_RENAMEAT),
#endif
    ROW(SYS_renameat2, CALL_RENAMEAT), ROW(SYS_fchown, CALL_FCHOWN), ROW(SYS_fchownat, CALL_FCHOWNAT),
    ROW(SYS_fchmod, CALL_FCHMOD), ROW(SYS_fchmodat, CALL_FCHMODAT), ROW(SYS_mknodat, CALL_MKNODAT),
    ROW(SYS_mkdirat, CALL_MKDIRAT), ROW(SYS_symlinkat, CALL_SYMLINKAT), ROW(SYS_linkat, CALL_LINKAT),
    ANY(SYS_utimensat, CALL_UTIMENSAT, 3, AT_SYMLINK_NOFOLLOW), ANY(SYS_umask, CALL_UMASK, 0, OWNER_BITS),
    ANY(SYS_faccessat, CALL_FACCESSAT, 2, R_OK | W_OK | X_OK), ROW(SYS_setxattr, CALL_SETXATTR), ROW(SYS_lsetxattr, CALL_LSETXATTR), ROW(SYS_fsetxattr, CALL_FSETXATTR),
    ROW(SYS_getxattr, CALL_GETXATTR), ROW(SYS_lgetxattr, CALL_LGETXATTR), ROW(SYS_fgetxattr, CALL_FGETXATTR),
    ROW(SYS_listxattr, CALL_LISTXATTR), ROW(SYS_llistxattr, CALL_LLISTXATTR), ROW(SYS_flistxattr, CALL_FLISTXATTR),
    ROW(SYS_removexattr, CALL_REMOVEXATTR), ROW(SYS_lremovexattr, CALL_LREMOVEXATTR),
    ROW(SYS_fremovexattr, CALL_FREMOVEXATTR), ROW(SYS_chroot, CALL_ROOT), ROW(SYS_pivot_root, CALL_ROOT),
    ROW(SYS_setns, CALL_ROOT), ANY(SYS_unshare, CALL_ROOT, 0, CLONE_NEWNS | CLONE_NEWUSER),
    ANY(SYS_clone, CALL_ROOT, 0, CLONE_NEWNS | CLONE_NEWUSER), ROW(SYS_getuid, CALL_GETUID),
    ROW(SYS_geteuid, CALL_GETEUID), ROW(SYS_getgid, CALL_GETGID), ROW(SYS_getegid, CALL_GETEGID),
    ROW(SYS_getresuid, CALL_GETRESUID), ROW(SYS_getresgid, CALL_GETRESGID), ROW(SYS_setuid, CALL_SETUID),
    ROW(SYS_setgid, CALL_SETGID), ROW(SYS_setreuid, CALL_SETREUID), ROW(SYS_setregid, CALL_SETREGID),
    ROW(SYS_setresuid, CALL_SETRESUID), ROW(SYS_setresgid, CALL_SETRESGID), ROW(SYS_setfsuid, CALL_SETFSUID),
    ROW(SYS_setfsgid, CALL_SETFSGID), ROW(SYS_getgroups, CALL_GETGROUPS), ROW(SYS_setgroups, CALL_SETGROUPS),
    ROW(SYS_execve, CALL_EXECVE), ROW(SYS_execveat, CALL_EXECVEAT),
    EQUAL(SYS_prctl, CALL_PRCTL, 0, PR_SET_TIMERSLACK), EQUAL(SYS_prctl, CALL_PRCTL, 0, PR_GET_TIMERSLACK),
    EQUAL(SYS_prctl, CALL_PRCTL, 0, PR_SET_KEEPCAPS), ROW(SYS_capset, CALL_CAPSET), ROW(SYS_capget, CALL_CAPGET),
    EQUAL(SYS_getsockopt, CALL_GETSOCKOPT, 2, SO_PEERCRED), EQUAL(SYS_getsockopt, CALL_GETSOCKOPT, 2, PEER_GROUPS),
    COMMON_ROWS};

// The 32-bit numbers of i386 and of arm's EABI: old calls have the same ones.
#define FOREIGN_ROWS                                                                                                   \
    ROW(195, CALL_STAT64), ROW(196, CALL_LSTAT64), ROW(197, CALL_FSTAT64), ROW(106, CALL_OLD_STAT),                    \
        ROW(107, CALL_OLD_LSTAT), ROW(108, CALL_OLD_FSTAT), ANY(5, CALL_OPEN, 1, OPENED),                 \
        ROW(8, CALL_CREAT), ANY(33, CALL_ACCESS, 1, R_OK | W_OK | X_OK), ROW(9, CALL_LINK), ROW(14, CALL_MKNOD), ROW(15, CALL_CHMOD), ROW(38, CALL_RENAME),         \
        ROW(39, CALL_MKDIR), ROW(61, CALL_ROOT), ANY(60, CALL_UMASK, 0, OWNER_BITS), ROW(83, CALL_SYMLINK),            \
        ROW(94, CALL_FCHMOD), ROW(11, CALL_EXECVE), EQUAL(172, CALL_PRCTL, 0, PR_SET_TIMERSLACK),                      \
        EQUAL(172, CALL_PRCTL, 0, PR_GET_TIMERSLACK), EQUAL(172, CALL_PRCTL, 0, PR_SET_KEEPCAPS),                      \
        ROW(184, CALL_CAPGET), ROW(185, CALL_CAPSET), ROW(198, CALL_LCHOWN), ROW(199, CALL_GETUID),                    \
        ROW(200, CALL_GETGID), ROW(201, CALL_GETEUID), ROW(202, CALL_GETEGID), ROW(203, CALL_SETREUID),                \
        ROW(204, CALL_SETREGID), ROW(205, CALL_GETGROUPS), ROW(206, CALL_SETGROUPS), ROW(207, CALL_FCHOWN),            \
        ROW(208, CALL_SETRESUID), ROW(209, CALL_GETRESUID), ROW(210, CALL_SETRESGID), ROW(211, CALL_GETRESGID),        \
        ROW(212, CALL_CHOWN), ROW(213, CALL_SETUID), ROW(214, CALL_SETGID), ROW(215, CALL_SETFSUID),                   \
        ROW(216, CALL_SETFSGID), ROW(226, CALL_SETXATTR), ROW(227, CALL_LSETXATTR), ROW(228, CALL_FSETXATTR),          \
        ROW(229, CALL_GETXATTR), ROW(230, CALL_LGETXATTR), ROW(231, CALL_FGETXATTR), ROW(232, CALL_LISTXATTR),         \
        ROW(233, CALL_LLISTXATTR), ROW(234, CALL_FLISTXATTR), ROW(235, CALL_REMOVEXATTR),                              \
        ROW(236, CALL_LREMOVEXATTR), ROW(237, CALL_FREMOVEXATTR),                                                      \
        ANY(120, CALL_ROOT, 0, CLONE_NEWNS | CLONE_NEWUSER),                                                           \
        ANY(412, CALL_UTIMENSAT, 3, AT_SYMLINK_NOFOLLOW), /* ids of 16 bits: */                                        \
        ROW(23, CALL_SETUID), ROW(24, CALL_GETUID), ROW(46, CALL_SETGID), ROW(47, CALL_GETGID),                        \
        ROW(49, CALL_GETEUID), ROW(50, CALL_GETEGID), ROW(70, CALL_SETREUID), ROW(71, CALL_SETREGID),                  \
        ROW(80, CALL_GETGROUPS), ROW(81, CALL_SETGROUPS), ROW(138, CALL_SETFSUID), ROW(139, CALL_SETFSGID),            \
        ROW(164, CALL_SETRESUID), ROW(165, CALL_GETRESUID), ROW(170, CALL_SETRESGID), ROW(171, CALL_GETRESGID),        \
        /* owners of 16 bits, and old forms of stat: */ ROW(16, CALL_REFUSED), ROW(182, CALL_REFUSED),                 \
        ROW(95, CALL_REFUSED), ROW(18, CALL_REFUSED), ROW(28, CALL_REFUSED), ROW(84, CALL_REFUSED), COMMON_ROWS

#if defined(__x86_64__)
enum { NATIVE = AUDIT_ARCH_X86_64, FOREIGN = AUDIT_ARCH_I386 };
static const struct supervised_row foreign[] = {
    FOREIGN_ROWS, ANY(295, CALL_OPENAT, 2, OPENED), ROW(300, CALL_FSTATAT64), ROW(383, CALL_STATX),
    ROW(296, CALL_MKDIRAT), ROW(297, CALL_MKNODAT), ROW(298, CALL_FCHOWNAT), ROW(302, CALL_RENAMEAT),
    ROW(303, CALL_LINKAT), ROW(304, CALL_SYMLINKAT), ROW(306, CALL_FCHMODAT), ANY(307, CALL_FACCESSAT, 2, R_OK | W_OK | X_OK), ROW(353, CALL_RENAMEAT),
    ANY(310, CALL_ROOT, 0, CLONE_NEWNS | CLONE_NEWUSER), ROW(346, CALL_ROOT), ROW(217, CALL_ROOT),
    ROW(358, CALL_EXECVEAT), ANY(320, CALL_UTIMENSAT, 3, AT_SYMLINK_NOFOLLOW),
    EQUAL(365, CALL_GETSOCKOPT, 2, SO_PEERCRED), EQUAL(365, CALL_GETSOCKOPT, 2, PEER_GROUPS)};
#elif defined(__aarch64__)
enum { NATIVE = AUDIT_ARCH_AARCH64, FOREIGN = AUDIT_ARCH_ARM };
static const struct supervised_row foreign[] = {
    FOREIGN_ROWS, ANY(322, CALL_OPENAT, 2, OPENED), ROW(327, CALL_FSTATAT64), ROW(397, CALL_STATX),
    ROW(323, CALL_MKDIRAT), ROW(324, CALL_MKNODAT), ROW(325, CALL_FCHOWNAT), ROW(329, CALL_RENAMEAT),
    ROW(330, CALL_LINKAT), ROW(331, CALL_SYMLINKAT), ROW(333, CALL_FCHMODAT), ANY(334, CALL_FACCESSAT, 2, R_OK | W_OK | X_OK), ROW(382, CALL_RENAMEAT),
    ANY(337, CALL_ROOT, 0, CLONE_NEWNS | CLONE_NEWUSER), ROW(375, CALL_ROOT), ROW(218, CALL_ROOT),
    ROW(387, CALL_EXECVEAT), ANY(348, CALL_UTIMENSAT, 3, AT_SYMLINK_NOFOLLOW),
    EQUAL(295, CALL_GETSOCKOPT, 2, SO_PEERCRED), EQUAL(295, CALL_GETSOCKOPT, 2, PEER_GROUPS)};
#endif

enum { NATIVE_COUNT = sizeof native / sizeof *native, FOREIGN_COUNT = sizeof foreign / sizeof *foreign };
_Static_assert((NATIVE_COUNT + FOREIGN_COUNT) * 5 + 16 <= FILTER_CAPACITY, "the filter outgrew its room");

static struct sock_filter *emit(struct sock_filter *at, uint16_t code, uint8_t yes, uint8_t no, uint32_t value) {
    *at = (struct sock_filter){.code = code, .jt = yes, .jf = no, .k = value};
    return at + 1;
}

static struct sock_filter *load(struct sock_filter *at, size_t offset) {
    return emit(at, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static struct sock_filter *conclude(struct sock_filter *at, uint32_t action) {
    return emit(at, BPF_RET | BPF_K, 0, 0, action);
}

// The number is in the accumulator before and after each row, as the row that does not match leaves it.
static struct sock_filter *emit_rows(struct sock_filter *at, const struct supervised_row *rows, size_t count) {
    for (const struct supervised_row *row = rows; row < rows + count; row++) {
        uint32_t action = row->call == CALL_REFUSED ? SECCOMP_RET_ERRNO | ENOSYS : SECCOMP_RET_USER_NOTIF;
        if (row->test == TEST_ALWAYS) {
            at = emit(at, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, row->number);
            at = conclude(at, action);
            continue;
        }
        // Both supported byte orders are little: the low half comes first.
        size_t argument = offsetof(struct seccomp_data, args) + row->argument * sizeof(uint64_t);
        uint16_t jump = row->test == TEST_EQUAL ? BPF_JEQ : BPF_JSET;
        at = emit(at, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, row->number);
        at = load(at, argument);
        at = emit(at, BPF_JMP | jump | BPF_K, 0, 1, row->value);
        at = conclude(at, action);
        at = load(at, offsetof(struct seccomp_data, nr));
    }
    return conclude(at, SECCOMP_RET_ALLOW);
}

size_t supervisor_filter(struct sock_filter *program) {
    struct sock_filter *at = load(program, offsetof(struct seccomp_data, arch));
    struct sock_filter *is_native = at;
    at = emit(at, BPF_JMP | BPF_JEQ | BPF_K, 3, 0, NATIVE);
    at = emit(at, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, FOREIGN);
    at = conclude(at, SECCOMP_RET_ERRNO | ENOSYS);
    struct sock_filter *foreign_jump = at++;
    is_native->jt = (uint8_t)(at - is_native - 1);
    at = load(at, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
    at = emit(at, BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32_BIT);
    at = conclude(at, SECCOMP_RET_ERRNO | ENOSYS);
#endif
    at = emit_rows(at, native, NATIVE_COUNT);
    emit(foreign_jump, BPF_JMP | BPF_JA, 0, 0, (uint32_t)(at - foreign_jump - 1));
    at = load(at, offsetof(struct seccomp_data, nr));
    at = emit_rows(at, foreign, FOREIGN_COUNT);
    return (size_t)(at - program);
}

int supervisor_call(uint32_t arch, uint32_t number) {
    const struct supervised_row *rows = arch == NATIVE ? native : foreign;
    size_t count = arch == NATIVE ? NATIVE_COUNT : FOREIGN_COUNT;
    for (size_t i = 0; i < count; i++)
        if (rows[i].number == number) return rows[i].call;
    return CALL_NONE;
}
