// Calls that make names: files, directories, links, devices.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "identity_table.h"
#include "rawcall.h"
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMPORARY = 020000000, REAL_MODE_OF_DEVICE = 0600 };

// open(2) of a file that is there, for writing.
static struct answer change(struct supervisor *s, const struct seccomp_notif *notice, int directory,
                            uint64_t address, uint32_t flags) {
    char path[SUPERVISOR_PATH];
    const struct identity *identity = identity_of(s, notice->pid);
    int drops = (flags & (O_TRUNC | O_APPEND)) != 0;
    if (is_root(identity) && !drops) return pass_on();
    if (supervisor_path(s, notice, directory, address, 0, path) < 0) return pass_on();
    if (drops) drop_capability(s, notice, path);
    return may_not(s, identity, path, W_OK) ? answer_with(-EACCES) : pass_on();
}

static struct answer open_call(struct supervisor *s, const struct seccomp_notif *notice, int directory,
                               uint64_t address, uint32_t flags, uint32_t mode) {
    if (flags & TEMPORARY) {
        // A file without a name cannot be waited for: where its owner is to be recorded it has to get a name at once,
        // as on file systems without such files.
        const struct identity *identity = identity_of(s, notice->pid);
        int is_plain = !identity->fsuid && !identity->fsgid && (mode & 0400) && !s->odd_umask;
        return is_plain ? pass_on() : answer_with(-EOPNOTSUPP);
    }
    if (!(flags & (O_CREAT | O_ACCMODE))) return pass_on();
    if (!(flags & O_CREAT)) return change(s, notice, directory, address, flags);
    return creation(s, notice, directory, address, S_IFREG, mode, flags);
}

static struct answer open_how_call(struct supervisor *s, const struct seccomp_notif *notice) {
    struct open_how how;
    const uint64_t *a = (const uint64_t *)notice->data.args;
    if (a[3] < sizeof how || supervisor_read(s, notice, a[2], &how, sizeof how) < 0) return pass_on();
    return open_call(s, notice, (int)a[0], a[1], (uint32_t)how.flags, (uint32_t)how.mode);
}

// No user namespace may make a device: an empty file stands for it, whose record says the rest.
static struct answer make_device(struct supervisor *s, const struct seccomp_notif *notice, int directory,
                                 uint64_t address, uint32_t mode, uint32_t device) {
    char path[SUPERVISOR_PATH], *name, kept[256];
    const struct identity *identity = identity_of(s, notice->pid);
    // An overlay has no character device 0:0 either: to it that is a file which was removed.
    if (!is_root(identity) || ((mode & S_IFMT) == S_IFCHR && !device)) return answer_with(-EPERM);
    int named = supervisor_path(s, notice, directory, address, PATH_NOT_FOLLOWED, path);
    if (named < 0) return answer_with(named);
    if (!parent_of(path, &name)) return answer_with(-EEXIST);
    struct record record = {.type = (uint8_t)(mode >> 12), .uid = identity->fsuid, .gid = identity->fsgid,
                            .rdev_major = (device & 0xfff00) >> 8,
                            .rdev_minor = (device & 0xff) | ((device >> 12) & 0xfff00)};
    uint32_t hidden = (uint32_t)identity_status_number(notice->pid, "Umask:", 8);
    record.mode = (uint16_t)(mode & 07777 & ~hidden);
    inherited_group(s, path, name, &record.gid);
    long parent = open_parent(path, name, kept);
    if (parent < 0) return answer_with(parent);
    if (!supervisor_still_asks(s, notice)) {
        RAW_1(SYS_close, parent);
        return answer_with(-EINTR);
    }
    long result = RAW_4(SYS_openat, parent, kept, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        REAL_MODE_OF_DEVICE);
    if (result >= 0) {
        RAW_1(SYS_close, result);
        struct held held;
        result = hold_at(s, (int)parent, kept, &held);
        if (result >= 0) {
            result = record_write(s, &held, &record);
            release(&held);
        }
        if (result < 0) RAW_3(SYS_unlinkat, parent, kept, 0);
    }
    RAW_1(SYS_close, parent);
    return answer_with(result);
}

static struct answer node_call(struct supervisor *s, const struct seccomp_notif *notice, int directory,
                               uint64_t address, uint32_t mode, uint32_t device) {
    uint32_t kind = mode & S_IFMT ? mode & S_IFMT : S_IFREG;
    if (kind == S_IFCHR || kind == S_IFBLK) return make_device(s, notice, directory, address, mode, device);
    return creation(s, notice, directory, address, kind, mode, O_EXCL);
}

// Who is not root may link to what is his, or what he may write (fs.protected_hardlinks). git copies what it may not link.
static int may_link(struct supervisor *s, const struct seccomp_notif *notice, int directory, uint64_t address,
                    int how) {
    char path[SUPERVISOR_PATH];
    struct held held;
    const struct identity *identity = identity_of(s, notice->pid);
    if (is_root(identity)) return 1;
    int named = supervisor_path(s, notice, directory, address, how, path);
    if (named < 0 || hold(s, path, named == 1 || !(how & PATH_NOT_FOLLOWED), &held) < 0) return 1;
    release(&held);
    if (identity->fsuid == held.record.uid) return 1;
    uint32_t mode = held.record.mode;
    if (!S_ISREG(held.mode) || held.record.type || (mode & S_ISUID)) return 0;
    if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP)) return 0;
    return permits(identity, identity->fsuid, identity->fsgid, &held.record, R_OK | W_OK);
}

static struct answer link_call(struct supervisor *s, const struct seccomp_notif *notice, int directory,
                               uint64_t address, int how, int new_directory, uint64_t new_address) {
    if (!may_link(s, notice, directory, address, how)) return answer_with(-EPERM);
    carry(s, notice, directory, address, how, new_directory, new_address);
    return pass_on();
}

struct answer name_call(struct supervisor *s, const struct seccomp_notif *notice, int call) {
    const uint64_t *a = (const uint64_t *)notice->data.args;
    int how;
    switch (call) {
    case CALL_OPEN: return open_call(s, notice, AT_FDCWD, a[0], (uint32_t)a[1], (uint32_t)a[2]);
    case CALL_OPENAT: return open_call(s, notice, (int)a[0], a[1], (uint32_t)a[2], (uint32_t)a[3]);
    case CALL_OPENAT2: return open_how_call(s, notice);
    case CALL_CREAT:
        return open_call(s, notice, AT_FDCWD, a[0], O_CREAT | O_WRONLY | O_TRUNC, (uint32_t)a[1]);
    case CALL_MKNOD: return node_call(s, notice, AT_FDCWD, a[0], (uint32_t)a[1], (uint32_t)a[2]);
    case CALL_MKNODAT: return node_call(s, notice, (int)a[0], a[1], (uint32_t)a[2], (uint32_t)a[3]);
    case CALL_MKDIR: return creation(s, notice, AT_FDCWD, a[0], S_IFDIR, (uint32_t)a[1], 0);
    case CALL_MKDIRAT: return creation(s, notice, (int)a[0], a[1], S_IFDIR, (uint32_t)a[2], 0);
    case CALL_SYMLINK: return creation(s, notice, AT_FDCWD, a[1], S_IFLNK, 0777, 0);
    case CALL_SYMLINKAT: return creation(s, notice, (int)a[1], a[2], S_IFLNK, 0777, 0);
    case CALL_LINK: return link_call(s, notice, AT_FDCWD, a[0], PATH_NOT_FOLLOWED, AT_FDCWD, a[1]);
    case CALL_LINKAT:
        how = a[4] & AT_SYMLINK_FOLLOW ? 0 : PATH_NOT_FOLLOWED;
        if (a[4] & AT_EMPTY_PATH) how |= PATH_MAY_BE_EMPTY;
        return link_call(s, notice, (int)a[0], a[1], how, (int)a[2], a[3]);
    case CALL_RENAME: carry(s, notice, AT_FDCWD, a[0], PATH_NOT_FOLLOWED, AT_FDCWD, a[1]); return pass_on();
    case CALL_RENAMEAT: carry(s, notice, (int)a[0], a[1], PATH_NOT_FOLLOWED, (int)a[2], a[3]); return pass_on();
    case CALL_UTIMENSAT: carry(s, notice, (int)a[0], a[1], PATH_NOT_FOLLOWED, (int)a[0], a[1]); return pass_on();
    case CALL_ROOT: s->roots_differ = 1; return pass_on();
    default: return pass_on();
    }
}
