// Extended attributes: what the supervisor writes is not there for the step, and capabilities of files, which no step
// may really set, are kept in an attribute of the supervisor's.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "rawcall.h"
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>

enum { NAME_CAPACITY = 256, LIST_CAPACITY = 65536 };

static const char own_names[] = "user.ocibuild.";
static const char kept_capability[] = "user.ocibuild.capability";
static const char capability[] = "security.capability";
static const char access_list[] = "system.posix_acl_access";

static int begins_with(const char *text, const char *start) {
    while (*start)
        if (*text++ != *start++) return 0;
    return 1;
}

static int is_same(const char *a, const char *b) { return begins_with(a, b) && begins_with(b, a); }

// Which file a call is about, and the name that it gives.
struct asked {
    char path[SUPERVISOR_PATH];
    int follows;
    char name[NAME_CAPACITY];
};

static int read_path(struct supervisor *s, const struct seccomp_notif *notice, int by_file, int follows,
                     struct asked *asked) {
    const uint64_t *a = (const uint64_t *)notice->data.args;
    int named = by_file ? supervisor_file_path(notice, (int)a[0], asked->path)
                        : supervisor_path(s, notice, AT_FDCWD, a[0], follows ? 0 : PATH_NOT_FOLLOWED, asked->path);
    asked->follows = follows || named == 1;
    return named;
}

// The name comes first: most calls are about names that are nobody's business here.
static int read_name(struct supervisor *s, const struct seccomp_notif *notice, struct asked *asked) {
    int length = supervisor_read_string(s, notice, notice->data.args[1], asked->name, NAME_CAPACITY);
    if (length < 0) return 0;
    return begins_with(asked->name, own_names) || is_same(asked->name, capability) || is_same(asked->name, access_list);
}

// Capabilities -------------------------------------------------------------------------------------------------------

// The kernel does so when something is written. What writes a file anew, or to its end, says so when it opens it; what
// only touches it does not.
void drop_capability(struct supervisor *s, const struct seccomp_notif *notice, const char *path) {
    if (RAW_4(SYS_getxattr, path, kept_capability, 0, 0) < 0 || !supervisor_still_asks(s, notice)) return;
    RAW_2(SYS_removexattr, path, kept_capability);
}

static struct answer get_capability(struct supervisor *s, const struct seccomp_notif *notice,
                                    const struct asked *asked) {
    unsigned char value[sizeof(struct vfs_ns_cap_data)];
    const uint64_t *a = (const uint64_t *)notice->data.args;
    long call = asked->follows ? SYS_getxattr : SYS_lgetxattr;
    long length = RAW_4(call, asked->path, kept_capability, value, sizeof value);
    if (length < 0) return answer_with(length == -EOPNOTSUPP || length == -EPERM ? -ENODATA : length);
    if (a[3] == 0) return answer_with(length);
    if (a[3] < (uint64_t)length) return answer_with(-ERANGE);
    int result = supervisor_write(s, notice, a[2], value, (size_t)length);
    return answer_with(result < 0 ? result : length);
}

static struct answer set_capability(struct supervisor *s, const struct seccomp_notif *notice,
                                    const struct asked *asked) {
    struct vfs_ns_cap_data value;
    const uint64_t *a = (const uint64_t *)notice->data.args;
    uint64_t length = a[3];
    if (length != XATTR_CAPS_SZ_2 && length != XATTR_CAPS_SZ_3) return answer_with(-EINVAL);
    if (supervisor_read(s, notice, a[2], &value, (size_t)length) < 0) return answer_with(-EFAULT);
    uint32_t revision = value.magic_etc & VFS_CAP_REVISION_MASK;
    if (length == XATTR_CAPS_SZ_3) {
        if (revision != VFS_CAP_REVISION_3) return answer_with(-EINVAL);
        if (value.rootid != 0) return answer_with(-EPERM); // of a namespace that the image knows nothing of
        value.magic_etc = VFS_CAP_REVISION_2 | (value.magic_etc & VFS_CAP_FLAGS_EFFECTIVE);
    } else if (revision != VFS_CAP_REVISION_2) {
        return answer_with(-EINVAL);
    }
    if (!supervisor_still_asks(s, notice)) return answer_with(-EINTR);
    long call = asked->follows ? SYS_setxattr : SYS_lsetxattr;
    return answer_with(RAW_5(call, asked->path, kept_capability, &value, XATTR_CAPS_SZ_2, (int)a[4]));
}

// Access control lists -----------------------------------------------------------------------------------------------

// The mode that a list stands for which has the entries of owner, group and others only; -1 when it says more.
static int mode_of_list(const unsigned char *list, size_t length) {
    enum { HEAD = 4, ENTRY = 8, OWNER = 0x01, GROUP = 0x04, OTHERS = 0x20 };
    if (length != HEAD + 3 * ENTRY || list[0] != 2) return -1;
    int mode = 0, seen = 0;
    for (const unsigned char *entry = list + HEAD; entry < list + length; entry += ENTRY) {
        int shift = entry[0] == OWNER ? 6 : entry[0] == GROUP ? 3 : entry[0] == OTHERS ? 0 : -1;
        if (shift < 0 || entry[1]) return -1;
        mode |= (entry[2] & 7) << shift;
        seen |= entry[0];
    }
    return seen == (OWNER | GROUP | OTHERS) ? mode : -1;
}

// The kernel makes such a list the file's mode, which may be a recorded one, or one that the builder cannot read.
static struct answer set_list(struct supervisor *s, const struct seccomp_notif *notice, const struct asked *asked) {
    unsigned char list[28];
    const uint64_t *a = (const uint64_t *)notice->data.args;
    if (a[3] != sizeof list || supervisor_read(s, notice, a[2], list, sizeof list) < 0) return pass_on();
    int mode = mode_of_list(list, sizeof list);
    struct file_status status;
    if (mode < 0 || supervisor_status(s, asked->path, asked->follows, &status) < 0) return pass_on();
    return give_mode(s, notice, 0, asked->path, (uint32_t)mode | (status.mode & 07000));
}

// Calls --------------------------------------------------------------------------------------------------------------

// Takes the supervisor's own names out of a list, and puts that of capabilities in where there are some. The new length.
static long translate(char *list, long length, int *has_capability) {
    long kept = 0, at = 0;
    while (at < length) {
        long end = at;
        while (end < length && list[end]) end++;
        long count = end - at + (end < length);
        if (is_same(list + at, kept_capability)) *has_capability = 1;
        if (!begins_with(list + at, own_names)) {
            __builtin_memmove(list + kept, list + at, (size_t)count);
            kept += count;
        }
        at += count;
    }
    return kept;
}

static struct answer list_call(struct supervisor *s, const struct seccomp_notif *notice, int by_file, int follows) {
    struct asked asked;
    char list[LIST_CAPACITY + sizeof capability];
    const uint64_t *a = (const uint64_t *)notice->data.args;
    if (read_path(s, notice, by_file, follows, &asked) < 0) return pass_on();
    long length = RAW_3(asked.follows ? SYS_listxattr : SYS_llistxattr, asked.path, list, LIST_CAPACITY);
    if (length <= 0) return pass_on();
    list[length] = 0;
    int has_capability = 0;
    long kept = translate(list, length, &has_capability);
    if (kept == length) return pass_on();
    if (has_capability) {
        __builtin_memcpy(list + kept, capability, sizeof capability);
        kept += (long)sizeof capability;
    }
    if (a[2] == 0) return answer_with(kept);
    if (a[2] < (uint64_t)kept) return answer_with(-ERANGE);
    int result = supervisor_write(s, notice, a[1], list, (size_t)kept);
    return answer_with(result < 0 ? result : kept);
}

static struct answer set_call(struct supervisor *s, const struct seccomp_notif *notice, int by_file, int follows) {
    struct asked asked;
    if (!read_name(s, notice, &asked)) return pass_on();
    if (begins_with(asked.name, own_names)) return answer_with(-EPERM);
    if (read_path(s, notice, by_file, follows, &asked) < 0) return pass_on();
    return is_same(asked.name, capability) ? set_capability(s, notice, &asked) : set_list(s, notice, &asked);
}

static struct answer get_call(struct supervisor *s, const struct seccomp_notif *notice, int by_file, int follows) {
    struct asked asked;
    if (!read_name(s, notice, &asked) || is_same(asked.name, access_list)) return pass_on();
    if (begins_with(asked.name, own_names)) return answer_with(-ENODATA);
    if (read_path(s, notice, by_file, follows, &asked) < 0) return pass_on();
    return get_capability(s, notice, &asked);
}

static struct answer remove_call(struct supervisor *s, const struct seccomp_notif *notice, int by_file, int follows) {
    struct asked asked;
    if (!read_name(s, notice, &asked) || is_same(asked.name, access_list)) return pass_on();
    if (begins_with(asked.name, own_names)) return answer_with(-ENODATA);
    if (read_path(s, notice, by_file, follows, &asked) < 0) return pass_on();
    if (!supervisor_still_asks(s, notice)) return answer_with(-EINTR);
    long result = RAW_2(asked.follows ? SYS_removexattr : SYS_lremovexattr, asked.path, kept_capability);
    return answer_with(result == -EOPNOTSUPP || result == -EPERM ? -ENODATA : result);
}

struct answer attribute_call(struct supervisor *s, const struct seccomp_notif *notice, int call) {
    switch (call) {
    case CALL_SETXATTR: return set_call(s, notice, 0, 1);
    case CALL_LSETXATTR: return set_call(s, notice, 0, 0);
    case CALL_FSETXATTR: return set_call(s, notice, 1, 1);
    case CALL_GETXATTR: return get_call(s, notice, 0, 1);
    case CALL_LGETXATTR: return get_call(s, notice, 0, 0);
    case CALL_FGETXATTR: return get_call(s, notice, 1, 1);
    case CALL_LISTXATTR: return list_call(s, notice, 0, 1);
    case CALL_LLISTXATTR: return list_call(s, notice, 0, 0);
    case CALL_FLISTXATTR: return list_call(s, notice, 1, 1);
    case CALL_REMOVEXATTR: return remove_call(s, notice, 0, 1);
    case CALL_LREMOVEXATTR: return remove_call(s, notice, 0, 0);
    case CALL_FREMOVEXATTR: return remove_call(s, notice, 1, 1);
    default: return pass_on();
    }
}
