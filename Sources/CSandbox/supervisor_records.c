#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "supervisor.h"
#include "rawcall.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static const char attribute[] = "user.ocibuild.inode";
enum { RECORD_LENGTH = 20, RECORD_VERSION = 1 };
#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000U
#endif

static void put(unsigned char *at, uint32_t value, int bytes) {
    for (int i = 0; i < bytes; i++) at[i] = (unsigned char)(value >> 8 * i);
}

static uint32_t get(const unsigned char *at, int bytes) {
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++) value |= (uint32_t)at[i] << 8 * i;
    return value;
}

static int decode(const unsigned char *bytes, long length, struct record *record) {
    if (length != RECORD_LENGTH || bytes[0] != RECORD_VERSION) return 0;
    *record = (struct record){bytes[1] & 15, (uint16_t)(get(bytes + 2, 2) & 07777), get(bytes + 4, 4),
                              get(bytes + 8, 4), get(bytes + 12, 4), get(bytes + 16, 4)};
    if (record->type == S_IFCHR >> 12) return record->rdev_major || record->rdev_minor;
    return !record->type || record->type == S_IFBLK >> 12;
}

static void encode(const struct record *record, unsigned char *bytes) {
    bytes[0] = RECORD_VERSION;
    bytes[1] = record->type;
    put(bytes + 2, record->mode, 2);
    put(bytes + 4, record->uid, 4);
    put(bytes + 8, record->gid, 4);
    put(bytes + 12, record->rdev_major, 4);
    put(bytes + 16, record->rdev_minor, 4);
}

// 1, or 0 when it has none; -ENOENT when there is no such file.
static int read_attribute(const char *path, int follow, struct record *record) {
    unsigned char bytes[RECORD_LENGTH + 1];
    long call = follow ? SYS_getxattr : SYS_lgetxattr;
    long length = RAW_4(call, path, attribute, bytes, sizeof bytes);
    if (length == -ENOENT || length == -ENOTDIR) return -ENOENT;
    return length > 0 && decode(bytes, length, record);
}

long examine(struct held *held, int directory, const char *path, int flags) {
    struct statx status;
    long result = RAW_5(SYS_statx, directory, path, flags, STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID, &status);
    if (result < 0) return result;
    held->mode = status.stx_mode;
    held->links = status.stx_nlink;
    held->inode = status.stx_ino;
    held->device = (uint64_t)status.stx_dev_major << 32 | status.stx_dev_minor;
    // Before Linux 5.8 there is no mark of a mount, and file systems stand for it.
    __builtin_memcpy(&held->mount, (char *)&status + 0x90, sizeof held->mount);
    if (!(status.stx_mask & STATX_MNT_ID)) held->mount = held->device;
    int born = (status.stx_mask & STATX_BTIME) != 0;
    held->born_seconds = born ? status.stx_btime.tv_sec : 0;
    held->born_nanoseconds = born ? status.stx_btime.tv_nsec : 0;
    return 0;
}

int record_find(struct supervisor *s, const char *path, int follow, struct record *record) {
    int found = read_attribute(path, follow, record);
    if (found) return found > 0;
    if (!s->ledger.live) return 0;
    struct held held;
    if (examine(&held, AT_FDCWD, path, follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0) return 0;
    const struct ledger_entry *entry = ledger_find(s, &held);
    if (!entry) return 0;
    *record = entry->record;
    if (is_link_like(held.mode)) record->mode = held.mode & 07777;
    return 1;
}

static long complete(struct supervisor *s, struct held *held, long file) {
    if (file < 0) return file;
    held->file = (int)file;
    *append_number(append_text(held->path, "self/fd/"), (uint64_t)file) = 0;
    long result = examine(held, (int)file, "", AT_EMPTY_PATH);
    if (result < 0) {
        release(held);
        return result;
    }
    held->record = (struct record){.mode = (uint16_t)(held->mode & 07777)};
    held->has_record = read_attribute(held->path, 1, &held->record) > 0;
    held->record.mode = (uint16_t)recorded_mode(&held->record, held->mode);
    if (held->has_record) return 0;
    const struct ledger_entry *entry = ledger_find(s, held);
    if (!entry) return 0;
    held->has_record = 1;
    held->record = entry->record;
    if (is_link_like(held->mode)) held->record.mode = (uint16_t)(held->mode & 07777);
    return 0;
}

long hold(struct supervisor *s, const char *path, int follow, struct held *held) {
    int flags = O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
    return complete(s, held, RAW_4(SYS_openat, AT_FDCWD, path, flags, 0));
}

long hold_at(struct supervisor *s, int directory, const char *name, struct held *held) {
    return complete(s, held, RAW_4(SYS_openat, directory, name, O_PATH | O_CLOEXEC | O_NOFOLLOW, 0));
}

long look_again(struct held *held) { return examine(held, held->file, "", AT_EMPTY_PATH); }

void release(const struct held *held) { RAW_1(SYS_close, held->file); }

uint32_t accessible_mode(uint32_t type, uint32_t mode) {
    if (S_ISDIR(type)) return mode | 0700;
    if (S_ISREG(type)) return mode | 0400;
    return mode;
}

long record_write(struct supervisor *s, struct held *held, const struct record *record) {
    int is_plain = !record->type && !record->uid && !record->gid && record->mode == (held->mode & 07777);
    if (is_plain && !held->has_record) return 0;
    long result = 0;
    int takes_attributes = S_ISREG(held->mode) || S_ISDIR(held->mode);
    if (is_plain) {
        if (takes_attributes) result = RAW_2(SYS_removexattr, held->path, attribute);
        ledger_remove(s, held);
        if (result == -ENODATA || result == -EOPNOTSUPP) result = 0;
    } else {
        unsigned char bytes[RECORD_LENGTH];
        encode(record, bytes);
        result = takes_attributes ? RAW_5(SYS_setxattr, held->path, attribute, bytes, sizeof bytes, 0) : -EOPNOTSUPP;
        if (result == -EOPNOTSUPP) result = ledger_set(s, held, record);
    }
    if (result < 0) return result;
    ledger_note_copy(s, held, record);
    held->record = *record;
    held->has_record = !is_plain;
    return 0;
}

long supervisor_own(struct supervisor *s, const char *path, uint32_t uid, uint32_t gid) {
    struct held held = {0};
    long result = examine(&held, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
    if (result < 0) return result;
    const struct record record = {.mode = (uint16_t)(held.mode & 07777), .uid = uid, .gid = gid};
    unsigned char bytes[RECORD_LENGTH];
    encode(&record, bytes);
    result = is_link_like(held.mode) ? -EOPNOTSUPP : RAW_5(SYS_lsetxattr, path, attribute, bytes, sizeof bytes, 0);
    return result == -EOPNOTSUPP ? ledger_set(s, &held, &record) : result;
}

int supervisor_status(struct supervisor *s, const char *path, int follow, struct file_status *status) {
    struct held held;
    long result = hold(s, path, follow, &held);
    if (result < 0) return (int)result;
    uint32_t type = held.record.type ? (uint32_t)held.record.type << 12 : held.mode & S_IFMT;
    *status = (struct file_status){type | held.record.mode, held.record.uid, held.record.gid, held.record.rdev_major,
                                   held.record.rdev_minor};
    release(&held);
    return 0;
}
