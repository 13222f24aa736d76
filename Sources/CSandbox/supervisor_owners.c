#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "rawcall.h"
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static const char capability[] = "user.ocibuild.capability";

enum { BY_FILE = 2 }; // as a result of supervisor_path: what is named is an open file

// A device of the host's belongs to nobody here: what the step makes of its owner and mode is the step's own affair.
static int is_device(uint32_t mode) { return S_ISCHR(mode) || S_ISBLK(mode); }

// The kernel does what it does when the owner changes (times, errors, and the inode's own set-id bits), with the only
// owner there is.
static long change_really(const struct held *held, uint32_t uid, uint32_t gid) {
    uint32_t keep = (uint32_t)-1;
    long result = RAW_5(SYS_fchownat, held->file, "", uid == keep ? keep : 0, gid == keep ? keep : 0, AT_EMPTY_PATH);
    return result == -EPERM && is_device(held->mode) ? 0 : result;
}

static long own(struct supervisor *s, struct held *held, uint32_t uid, uint32_t gid) {
    long result = change_really(held, uid, gid);
    if (result >= 0 && is_link_like(held->mode)) result = look_again(held);
    if (result < 0) return result;
    struct record record = held->record;
    if (uid != (uint32_t)-1) record.uid = uid;
    if (gid != (uint32_t)-1) record.gid = gid;
    if (!S_ISDIR(held->mode)) {
        // As the kernel does, root or not. Its own bits went with the real change.
        uint32_t cleared = S_ISUID | ((record.mode & S_IXGRP) ? S_ISGID : 0);
        record.mode &= (uint16_t)~cleared;
        held->mode &= ~(S_ISUID | ((held->mode & S_IXGRP) ? S_ISGID : 0u));
    }
    if (S_ISREG(held->mode)) RAW_2(SYS_removexattr, held->path, capability);
    return record_write(s, held, &record);
}

// Who is not root may give a file of his own to a group of his: "cp -p" of another user finds that it may not do more,
// and goes on.
static int may_own(const struct identity *identity, const struct record *record, uint32_t uid, uint32_t gid) {
    uint32_t keep = (uint32_t)-1;
    if (is_root(identity)) return 1;
    if (identity->fsuid != record->uid) return uid == keep && gid == keep;
    return (uid == keep || uid == record->uid) && (gid == keep || gid == record->gid || gid == identity->fsgid || is_member(identity, gid));
}

// Whether the kernel alone can do it: what belongs to root without a record stays so, as when root copies or unpacks.
static int is_plain_owner(struct supervisor *s, const char *path, int follow, uint32_t uid, uint32_t gid) {
    uint32_t keep = (uint32_t)-1;
    if ((uid && uid != keep) || (gid && gid != keep)) return 0;
    struct record record;
    if (record_find(s, path, follow, &record)) return 0;
    return RAW_4(follow ? SYS_getxattr : SYS_lgetxattr, path, capability, 0, 0) < 0;
}

// A descriptor of O_PATH is good for less than others: "TID/fd/N" does not tell, "TID/fdinfo/N" does.
static int is_path_only(const char *path) {
    enum { PATH_ONLY = 010000000 };
    char text[128], place[48], *at = place;
    while (*path && *path != '/') *at++ = *path++;
    at = append_text(at, "/fdinfo/");
    for (path += sizeof "/fd/" - 1; *path; path++) *at++ = *path;
    *at = 0;
    long file = RAW_4(SYS_openat, AT_FDCWD, place, O_RDONLY | O_CLOEXEC, 0);
    if (file < 0) return 0;
    long length = RAW_3(SYS_read, file, text, sizeof text - 1);
    RAW_1(SYS_close, file);
    text[length > 0 ? length : 0] = 0;
    uint64_t flags = 0;
    const char *line = text;
    while (*line && !(line[0] == 'f' && line[1] == 'l' && line[2] == 'a')) line++;
    while (*line && (*line < '0' || *line > '7')) line++;
    while (*line >= '0' && *line <= '7') flags = flags * 8 + (uint64_t)(*line++ - '0');
    return (flags & PATH_ONLY) != 0;
}

static struct answer give_owner(struct supervisor *s, const struct seccomp_notif *notice, int named, const char *path,
                                int follow, uint32_t uid, uint32_t gid) {
    if (named < 0) return pass_on();
    const struct identity *identity = identity_of(s, notice->pid);
    if (named) follow = 1;
    if (is_root(identity) && is_plain_owner(s, path, follow, uid, gid)) return pass_on();
    struct held held;
    if (named == BY_FILE && is_path_only(path)) return pass_on();
    long result = hold(s, path, follow, &held);
    if (result < 0) return pass_on(); // the kernel says what is wrong with it
    if (!may_own(identity, &held.record, uid, gid)) {
        result = -EPERM;
    } else if (supervisor_still_asks(s, notice)) {
        result = own(s, &held, uid, gid);
    }
    release(&held);
    return answer_with(result);
}

// Whether the kernel alone can do it: nothing was recorded, and the builder can read the result.
static int is_plain_mode(struct supervisor *s, const char *path, uint32_t mode) {
    struct record record;
    if (record_find(s, path, 1, &record)) return 0;
    if ((mode & 0700) == 0700) return 1;
    struct stat status;
    if (RAW_4(SYS_newfstatat, AT_FDCWD, path, &status, 0) < 0) return 1;
    return (S_ISREG(status.st_mode) && (mode & 0400)) || is_link_like(status.st_mode);
}

struct answer give_mode(struct supervisor *s, const struct seccomp_notif *notice, int named, const char *path,
                               uint32_t mode) {
    mode &= 07777;
    const struct identity *identity = identity_of(s, notice->pid);
    if (named < 0 || (is_root(identity) && is_plain_mode(s, path, mode))) return pass_on();
    struct held held;
    if ((named == BY_FILE && is_path_only(path)) || hold(s, path, 1, &held) < 0) return pass_on();
    if (!is_root(identity) && identity->fsuid != held.record.uid) {
        release(&held);
        return answer_with(-EPERM);
    }
    uint32_t real = held.record.type ? 0600 : accessible_mode(held.mode, mode);
    long result = -ESRCH;
    if (supervisor_still_asks(s, notice)) {
        result = RAW_3(SYS_fchmodat, AT_FDCWD, held.path, real);
        if (result == -EPERM && is_device(held.mode)) result = 0;
        else held.mode = (held.mode & S_IFMT) | real;
    }
    if (result >= 0) {
        struct record record = held.record;
        record.mode = (uint16_t)mode;
        result = record_write(s, &held, &record);
    }
    release(&held);
    return answer_with(result);
}

struct answer owner_call(struct supervisor *s, const struct seccomp_notif *notice, int call) {
    char path[SUPERVISOR_PATH];
    const uint64_t *a = (const uint64_t *)notice->data.args;
    int named, flags;
    switch (call) {
    case CALL_UMASK: // it takes away what the builder needs to read the file
        s->odd_umask = 1;
        return pass_on();
    case CALL_CHOWN:
    case CALL_LCHOWN:
        named = supervisor_path(s, notice, AT_FDCWD, a[0], call == CALL_LCHOWN ? PATH_NOT_FOLLOWED : 0, path);
        return give_owner(s, notice, named, path, call == CALL_CHOWN, (uint32_t)a[1], (uint32_t)a[2]);
    case CALL_FCHOWN:
        named = supervisor_file_path(notice, (int)a[0], path) < 0 ? -EBADF : BY_FILE;
        return give_owner(s, notice, named, path, 1, (uint32_t)a[1], (uint32_t)a[2]);
    case CALL_FCHOWNAT:
        flags = (int)a[4];
        if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) return answer_with(-EINVAL);
        named = supervisor_path(s, notice, (int)a[0], a[1],
                                (flags & AT_EMPTY_PATH ? PATH_MAY_BE_EMPTY : 0) |
                                    (flags & AT_SYMLINK_NOFOLLOW ? PATH_NOT_FOLLOWED : 0),
                                path);
        return give_owner(s, notice, named, path, !(flags & AT_SYMLINK_NOFOLLOW), (uint32_t)a[2], (uint32_t)a[3]);
    case CALL_CHMOD:
        named = supervisor_path(s, notice, AT_FDCWD, a[0], 0, path);
        return give_mode(s, notice, named, path, (uint32_t)a[1]);
    case CALL_FCHMOD:
        named = supervisor_file_path(notice, (int)a[0], path) < 0 ? -EBADF : BY_FILE;
        return give_mode(s, notice, named, path, (uint32_t)a[1]);
    case CALL_FCHMODAT:
    case CALL_FCHMODAT2:
        flags = call == CALL_FCHMODAT2 ? (int)a[3] : 0;
        named = supervisor_path(s, notice, (int)a[0], a[1],
                                (flags & AT_EMPTY_PATH ? PATH_MAY_BE_EMPTY : 0) |
                                    (flags & AT_SYMLINK_NOFOLLOW ? PATH_NOT_FOLLOWED : 0),
                                path);
        if (flags & AT_SYMLINK_NOFOLLOW && named == 0) {
            // A symbolic link has no mode: the kernel says so. Anything else is not followed anyway.
            struct held held;
            if (hold(s, path, 0, &held) < 0) return pass_on();
            int is_link = S_ISLNK(held.mode);
            release(&held);
            if (is_link) return pass_on();
        }
        return give_mode(s, notice, named, path, (uint32_t)a[2]);
    default: return pass_on();
    }
}
