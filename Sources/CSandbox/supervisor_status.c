#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "supervisor.h"
#include "rawcall.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

// The 32-bit layouts. arm aligns 64-bit members to 8 bytes, i386 to 4.
#if defined(__x86_64__)
#define FOREIGN_LAYOUT __attribute__((packed, aligned(4)))
#else
#define FOREIGN_LAYOUT
#endif
struct FOREIGN_LAYOUT foreign_stat64 {
    uint64_t device;
    uint32_t padding, short_inode, mode, links, uid, gid;
    uint64_t rdev;
    uint32_t more_padding;
    int64_t size;
    uint32_t block_size;
    uint64_t blocks;
    uint32_t accessed, accessed_ns, modified, modified_ns, changed, changed_ns;
    uint64_t inode;
};
struct foreign_stat {
    uint32_t device, inode;
    uint16_t mode, links, uid, gid;
    uint32_t rdev, size, block_size, blocks;
    uint32_t accessed, accessed_ns, modified, modified_ns, changed, changed_ns, unused[2];
};
#if defined(__x86_64__)
_Static_assert(sizeof(struct foreign_stat64) == 96, "struct stat64 of i386");
#else
_Static_assert(sizeof(struct foreign_stat64) == 104, "struct stat64 of arm");
#endif
_Static_assert(sizeof(struct foreign_stat) == 64, "struct stat of i386 and arm");

enum layout { NATIVE_STAT, FOREIGN_STAT64, FOREIGN_STAT };

static uint32_t type_and_mode(const struct record *record, uint32_t mode) {
    uint32_t type = record->type ? (uint32_t)record->type << 12 : mode & S_IFMT;
    return type | recorded_mode(record, mode);
}

static int write_foreign(struct supervisor *s, const struct seccomp_notif *notice, const struct stat *from,
                         enum layout layout, uint64_t address) {
    if (layout == FOREIGN_STAT64) {
        struct foreign_stat64 to = {
            .device = from->st_dev, .short_inode = (uint32_t)from->st_ino, .mode = from->st_mode,
            .links = (uint32_t)from->st_nlink, .uid = from->st_uid, .gid = from->st_gid, .rdev = from->st_rdev,
            .size = from->st_size, .block_size = (uint32_t)from->st_blksize, .blocks = (uint64_t)from->st_blocks,
            .accessed = (uint32_t)from->st_atim.tv_sec, .accessed_ns = (uint32_t)from->st_atim.tv_nsec,
            .modified = (uint32_t)from->st_mtim.tv_sec, .modified_ns = (uint32_t)from->st_mtim.tv_nsec,
            .changed = (uint32_t)from->st_ctim.tv_sec, .changed_ns = (uint32_t)from->st_ctim.tv_nsec,
            .inode = from->st_ino};
        return supervisor_write(s, notice, address, &to, sizeof to);
    }
    if (from->st_size > INT32_MAX || from->st_ino > UINT32_MAX) return -EOVERFLOW;
    // Owners beyond 16 bits are said as the kernel says them (overflowuid).
    struct foreign_stat to = {
        .device = (uint32_t)from->st_dev, .inode = (uint32_t)from->st_ino, .mode = (uint16_t)from->st_mode,
        .links = (uint16_t)from->st_nlink, .uid = from->st_uid > 0xffff ? 65534 : (uint16_t)from->st_uid,
        .gid = from->st_gid > 0xffff ? 65534 : (uint16_t)from->st_gid, .rdev = (uint32_t)from->st_rdev,
        .size = (uint32_t)from->st_size, .block_size = (uint32_t)from->st_blksize, .blocks = (uint32_t)from->st_blocks,
        .accessed = (uint32_t)from->st_atim.tv_sec, .accessed_ns = (uint32_t)from->st_atim.tv_nsec,
        .modified = (uint32_t)from->st_mtim.tv_sec, .modified_ns = (uint32_t)from->st_mtim.tv_nsec,
        .changed = (uint32_t)from->st_ctim.tv_sec, .changed_ns = (uint32_t)from->st_ctim.tv_nsec};
    return supervisor_write(s, notice, address, &to, sizeof to);
}

// `named` is what supervisor_path or supervisor_file_path said of `path`.
static struct answer give_stat(struct supervisor *s, const struct seccomp_notif *notice, int named, const char *path,
                               int flags, uint64_t address, enum layout layout) {
    if (named < 0) return pass_on(); // the kernel says what is wrong with it
    if (named == 1) flags &= ~AT_SYMLINK_NOFOLLOW;
    struct record record;
    if (!record_find(s, path, !(flags & AT_SYMLINK_NOFOLLOW), &record)) return pass_on();
    struct stat status;
    if (RAW_4(SYS_newfstatat, AT_FDCWD, path, &status, flags & (AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT)) < 0)
        return pass_on();
    status.st_mode = type_and_mode(&record, status.st_mode);
    status.st_uid = record.uid;
    status.st_gid = record.gid;
    if (record.type) status.st_rdev = makedev(record.rdev_major, record.rdev_minor);
    if (layout != NATIVE_STAT) return answer_with(write_foreign(s, notice, &status, layout, address));
    return answer_with(supervisor_write(s, notice, address, &status, sizeof status));
}

static struct answer give_statx(struct supervisor *s, const struct seccomp_notif *notice) {
    char path[SUPERVISOR_PATH];
    const uint64_t *arguments = (const uint64_t *)notice->data.args;
    int flags = (int)arguments[2];
    int named = supervisor_path(s, notice, (int)arguments[0], arguments[1],
                                (flags & AT_EMPTY_PATH ? PATH_MAY_BE_EMPTY : 0) |
                                    (flags & AT_SYMLINK_NOFOLLOW ? PATH_NOT_FOLLOWED : 0),
                                path);
    if (named < 0) return pass_on();
    if (named == 1) flags &= ~AT_SYMLINK_NOFOLLOW;
    flags &= ~AT_EMPTY_PATH;
    struct record record;
    if (!record_find(s, path, !(flags & AT_SYMLINK_NOFOLLOW), &record)) return pass_on();
    struct statx status;
    // STATX__RESERVED and flags that make no sense are the kernel's to refuse.
    if (RAW_5(SYS_statx, AT_FDCWD, path, flags, (uint32_t)arguments[3] | STATX_TYPE | STATX_MODE, &status) < 0)
        return pass_on();
    status.stx_mode = (uint16_t)type_and_mode(&record, status.stx_mode);
    status.stx_uid = record.uid;
    status.stx_gid = record.gid;
    if (record.type) {
        status.stx_rdev_major = record.rdev_major;
        status.stx_rdev_minor = record.rdev_minor;
    }
    return answer_with(supervisor_write(s, notice, arguments[4], &status, sizeof status));
}

struct answer status_call(struct supervisor *s, const struct seccomp_notif *notice, int call) {
    char path[SUPERVISOR_PATH];
    const uint64_t *arguments = (const uint64_t *)notice->data.args;
    enum layout layout = NATIVE_STAT;
    int named, flags = 0;
    switch (call) {
    case CALL_STATX: return give_statx(s, notice);
    case CALL_FSTATAT64: layout = FOREIGN_STAT64; // fall through
    case CALL_FSTATAT:
        flags = (int)arguments[3];
        named = supervisor_path(s, notice, (int)arguments[0], arguments[1],
                                (flags & AT_EMPTY_PATH ? PATH_MAY_BE_EMPTY : 0) |
                                    (flags & AT_SYMLINK_NOFOLLOW ? PATH_NOT_FOLLOWED : 0),
                                path);
        return give_stat(s, notice, named, path, flags, arguments[2], layout);
    case CALL_OLD_LSTAT: case CALL_LSTAT64: case CALL_LSTAT: flags = AT_SYMLINK_NOFOLLOW; break;
    default: break;
    }
    if (call == CALL_OLD_STAT || call == CALL_OLD_LSTAT || call == CALL_OLD_FSTAT) layout = FOREIGN_STAT;
    if (call == CALL_STAT64 || call == CALL_LSTAT64 || call == CALL_FSTAT64) layout = FOREIGN_STAT64;
    if (call == CALL_FSTAT || call == CALL_OLD_FSTAT || call == CALL_FSTAT64) {
        named = supervisor_file_path(notice, (int)arguments[0], path);
    } else {
        named = supervisor_path(s, notice, AT_FDCWD, arguments[0], flags ? PATH_NOT_FOLLOWED : 0, path);
    }
    return give_stat(s, notice, named, path, flags, arguments[1], layout);
}
