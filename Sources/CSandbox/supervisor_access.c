// What the kernel would refuse to who is not root. It refuses nothing here, where everybody is root really; and programs
// build on being refused: pip, which then installs for its user alone, or Python, which then keeps what it compiles to
// itself. This protects nothing. It looks at the last directory or file only, in the step's root file system.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "identity_table.h"
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#ifndef AT_EACCESS
#define AT_EACCESS 0x200
#endif

int is_member(const struct identity *identity, uint32_t group) {
    for (uint32_t i = 0; i < identity->group_count; i++)
        if (identity->groups[i] == group) return 1;
    return 0;
}

int is_root(const struct identity *identity) { return (identity->privileges & IDENTITY_MAY_MORE) != 0; }

int permits(const struct identity *identity, uint32_t uid, uint32_t gid, const struct record *record,
            uint32_t wanted) {
    uint32_t shift = uid == record->uid ? 6 : gid == record->gid || is_member(identity, record->gid) ? 3 : 0;
    return (record->mode >> shift & wanted) == wanted;
}

static int is_refused(struct supervisor *s, const struct identity *identity, uint32_t uid, uint32_t gid,
                      const char *path, int follow, uint32_t wanted) {
    struct held held;
    if (hold(s, path, follow, &held) < 0) return 0; // the kernel says what is wrong with it
    int counts = held.mount == s->root_mount && (S_ISREG(held.mode) || S_ISDIR(held.mode));
    release(&held);
    return counts && !permits(identity, uid, gid, &held.record, wanted);
}

int may_not(struct supervisor *s, const struct identity *identity, const char *path, uint32_t wanted) {
    return !is_root(identity) && is_refused(s, identity, identity->fsuid, identity->fsgid, path, 1, wanted);
}

struct answer access_call(struct supervisor *s, const struct seccomp_notif *notice, int call) {
    char path[SUPERVISOR_PATH];
    const uint64_t *a = (const uint64_t *)notice->data.args;
    int by_path = call == CALL_ACCESS, flags = call == CALL_FACCESSAT2 ? (int)a[3] : 0;
    uint32_t wanted = (uint32_t)a[by_path ? 1 : 2];
    const struct identity *identity = identity_of(s, notice->pid);
    int is_effective = flags & AT_EACCESS;
    if (wanted & ~7u || (is_effective ? is_root(identity) : identity->ruid == 0)) return pass_on();
    int named = by_path ? supervisor_path(s, notice, AT_FDCWD, a[0], 0, path)
                        : supervisor_path(s, notice, (int)a[0], a[1],
                                          (flags & AT_EMPTY_PATH ? PATH_MAY_BE_EMPTY : 0) |
                                              (flags & AT_SYMLINK_NOFOLLOW ? PATH_NOT_FOLLOWED : 0),
                                          path);
    if (named < 0) return pass_on();
    uint32_t uid = is_effective ? identity->fsuid : identity->ruid, gid = is_effective ? identity->fsgid : identity->rgid;
    int follow = named == 1 || !(flags & AT_SYMLINK_NOFOLLOW);
    return is_refused(s, identity, uid, gid, path, follow, wanted) ? answer_with(-EACCES) : pass_on();
}
