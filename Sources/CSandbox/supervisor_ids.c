#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "supervisor_ids.h"

#include "identity_table.h"
#include "rawcall.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/vfs.h>

enum { OVERFLOW_ID = 65534, NOSUID = 2 /* ST_NOSUID */ };

static uint32_t widened(const struct identity_asked *asked, uint64_t id) {
    if (!asked->narrow) return (uint32_t)id;
    return (uint16_t)id == 0xffff ? IDENTITY_KEEP : (uint16_t)id;
}

static uint32_t narrowed(const struct identity_asked *asked, uint32_t id) {
    return asked->narrow && id > 0xffff ? OVERFLOW_ID : id;
}

static uint32_t argument(const struct identity_asked *asked, int number) {
    return widened(asked, asked->notice->data.args[number]);
}

struct identity_ids identity_users(const struct identity *identity) {
    return (struct identity_ids){identity->ruid, identity->euid, identity->suid, identity->fsuid};
}

struct identity_ids identity_groups(const struct identity *identity) {
    return (struct identity_ids){identity->rgid, identity->egid, identity->sgid, identity->fsgid};
}

long identity_become(const struct identity_asked *asked, const struct identity *new) {
    const int32_t index = identity_index(asked->table, new);
    if (index < 0) return index;
    if (&asked->table->entries[index] == asked->old) return 0;
    if (!supervisor_still_asks(asked->supervisor, asked->notice)) return -ESRCH;
    return identity_mark(asked->table, asked->notice->pid, index);
}

static long become_user(const struct identity_asked *asked, struct identity_ids ids, uint32_t privileges) {
    struct identity new = *asked->old;
    new.privileges = privileges;
    new.ruid = ids.real;
    new.euid = ids.effective;
    new.suid = ids.saved;
    new.fsuid = ids.fs;
    return identity_become(asked, &new);
}

static long become_group(const struct identity_asked *asked, struct identity_ids ids) {
    struct identity new = *asked->old;
    new.rgid = ids.real;
    new.egid = ids.effective;
    new.sgid = ids.saved;
    new.fsgid = ids.fs;
    return identity_become(asked, &new);
}

static long set_ids(const struct identity_asked *asked, int call) {
    const int of_users = call == CALL_SETUID || call == CALL_SETREUID || call == CALL_SETRESUID ||
                         call == CALL_SETFSUID;
    const uint32_t needed = of_users ? IDENTITY_MAY_SET_USER : IDENTITY_MAY_SET_GROUP;
    const int privileged = (asked->old->privileges & needed) != 0;
    struct identity_ids ids = of_users ? identity_users(asked->old) : identity_groups(asked->old);
    uint32_t privileges = asked->old->privileges;
    long result = 0, answer = 0;
    switch (call) {
    case CALL_SETUID:
    case CALL_SETGID: result = identity_set(&ids, argument(asked, 0), privileged); break;
    case CALL_SETREUID:
    case CALL_SETREGID:
        result = identity_set_real_effective(&ids, argument(asked, 0), argument(asked, 1), privileged);
        break;
    case CALL_SETRESUID:
    case CALL_SETRESGID:
        result = identity_set_all(&ids, argument(asked, 0), argument(asked, 1), argument(asked, 2), privileged);
        break;
    default: answer = narrowed(asked, identity_set_fs(&ids, argument(asked, 0), privileged)); break;
    }
    if (of_users && call != CALL_SETFSUID)
        privileges = identity_privileges_after(privileges, identity_users(asked->old), ids);
    if (result == 0) result = of_users ? become_user(asked, ids, privileges) : become_group(asked, ids);
    return result < 0 && call != CALL_SETFSUID && call != CALL_SETFSGID ? result : answer;
}

// `list` as an array of the task's own width.
static int write_ids(const struct identity_asked *asked, uint64_t address, const uint32_t *list, uint32_t count) {
    if (!asked->narrow) return supervisor_write(asked->supervisor, asked->notice, address, list, count * sizeof *list);
    for (uint32_t i = 0; i < count; i++) {
        const uint16_t id = (uint16_t)narrowed(asked, list[i]);
        const int result = supervisor_write(asked->supervisor, asked->notice, address + 2 * i, &id, sizeof id);
        if (result < 0) return result;
    }
    return 0;
}

static long get_all(const struct identity_asked *asked, struct identity_ids ids) {
    const uint32_t list[3] = {ids.real, ids.effective, ids.saved};
    int result = 0;
    for (int i = 0; i < 3 && result == 0; i++) result = write_ids(asked, asked->notice->data.args[i], &list[i], 1);
    return result;
}

static long get_groups(const struct identity_asked *asked) {
    const int32_t room = (int32_t)asked->notice->data.args[0];
    const uint32_t count = asked->old->group_count;
    if (room < 0) return -EINVAL;
    if (room == 0) return count;
    if (count > (uint32_t)room) return -EINVAL;
    const int result = count ? write_ids(asked, asked->notice->data.args[1], asked->old->groups, count) : 0;
    return result < 0 ? result : (long)count;
}

static long set_groups(const struct identity_asked *asked) {
    const uint32_t count = (uint32_t)asked->notice->data.args[0];
    const uint64_t address = asked->notice->data.args[1];
    uint32_t *list = asked->table->scratch;
    if (!(asked->old->privileges & IDENTITY_MAY_SET_GROUP)) return -EPERM;
    if (count > IDENTITY_GROUPS_MAX) return -EINVAL;
    const size_t size = count * (asked->narrow ? sizeof(uint16_t) : sizeof(uint32_t));
    if (size && supervisor_read(asked->supervisor, asked->notice, address, list, size) < 0) return -EFAULT;
    // From the end: a narrow list is widened in its own place.
    for (uint32_t i = count; asked->narrow && i-- > 0;) {
        const unsigned char *half = (const unsigned char *)list + 2 * i;
        list[i] = widened(asked, half[0] | (uint32_t)half[1] << 8);
    }
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == IDENTITY_KEEP) return -EINVAL;
    identity_sort_groups(list, count);
    struct identity new = *asked->old;
    new.groups = list;
    new.group_count = count;
    return identity_become(asked, &new);
}

static int control(const struct identity_asked *asked, int64_t *result) {
    struct identity new = *asked->old;
    switch ((uint32_t)asked->notice->data.args[0]) {
    // The slack is the mark; nobody builds by the difference.
    case PR_SET_TIMERSLACK: *result = 0; return 1;
    case PR_GET_TIMERSLACK: *result = IDENTITY_SLACK; return 1;
    case PR_SET_KEEPCAPS:
        if (asked->notice->data.args[1] > 1) return 0;
        new.privileges &= ~(uint32_t)IDENTITY_KEEPS;
        if (asked->notice->data.args[1]) new.privileges |= IDENTITY_KEEPS;
        *result = identity_become(asked, &new);
        return *result < 0;
    default: return 0;
    }
}

int identity_call(struct supervisor *supervisor, const struct seccomp_notif *notice, int call, int64_t *result) {
    enum { FIRST_WIDE_CALL = 190 };
    struct identity_asked asked = {.supervisor = supervisor, .notice = notice};
    asked.table = *supervisor_identities(supervisor);
    if (!asked.table) return 0;
    if (call == CALL_EXECVE || call == CALL_EXECVEAT) {
        identity_execute(supervisor, notice, call);
        return 0;
    }
    asked.old = identity_of(supervisor, notice->pid);
    // i386 and arm number these calls alike: the ones with 32-bit ids came later, and have the high numbers.
    asked.narrow = supervisor_is_foreign(notice) && notice->data.nr < FIRST_WIDE_CALL;
    switch (call) {
    case CALL_GETUID: *result = narrowed(&asked, asked.old->ruid); return 1;
    case CALL_GETEUID: *result = narrowed(&asked, asked.old->euid); return 1;
    case CALL_GETGID: *result = narrowed(&asked, asked.old->rgid); return 1;
    case CALL_GETEGID: *result = narrowed(&asked, asked.old->egid); return 1;
    case CALL_GETRESUID: *result = get_all(&asked, identity_users(asked.old)); return 1;
    case CALL_GETRESGID: *result = get_all(&asked, identity_groups(asked.old)); return 1;
    case CALL_GETGROUPS: *result = get_groups(&asked); return 1;
    case CALL_SETGROUPS: *result = set_groups(&asked); return 1;
    case CALL_SETUID:
    case CALL_SETGID:
    case CALL_SETREUID:
    case CALL_SETREGID:
    case CALL_SETRESUID:
    case CALL_SETRESGID:
    case CALL_SETFSUID:
    case CALL_SETFSGID: *result = set_ids(&asked, call); return 1;
    case CALL_CAPSET: return identity_set_capabilities(&asked, result);
    case CALL_CAPGET: return identity_get_capabilities(&asked, result);
    case CALL_GETSOCKOPT: return identity_peer(&asked, result);
    case CALL_PRCTL: return control(&asked, result);
    default: return 0;
    }
}

const struct identity *identity_of(struct supervisor *supervisor, uint32_t tid) {
    static const struct identity nobody_said;
    struct identity_table *table = *supervisor_identities(supervisor);
    return table ? &table->entries[identity_index_of(table, tid)] : &nobody_said;
}

int identity_begin(struct supervisor *supervisor, const struct identity *first) {
    identity_end(supervisor);
    // Only what is used of it takes memory.
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    const long memory = RAW_6(SYS_mmap, 0, sizeof(struct identity_table), PROT_READ | PROT_WRITE, flags, -1, 0);
    if (memory < 0) return (int)memory;
    struct identity_table *table = (struct identity_table *)memory;
    *supervisor_identities(supervisor) = table;
    struct identity copy = *first;
    copy.privileges = identity_privileges_executed(identity_users(first));
    if (copy.group_count > IDENTITY_GROUPS_MAX) return -EINVAL;
    for (uint32_t i = 0; i < copy.group_count; i++) table->scratch[i] = first->groups[i];
    identity_sort_groups(table->scratch, copy.group_count);
    copy.groups = table->scratch;
    const int32_t index = identity_index(table, &copy);
    return index < 0 ? index : 0;
}

void identity_end(struct supervisor *supervisor) {
    void **table = supervisor_identities(supervisor);
    if (*table) RAW_2(SYS_munmap, *table, sizeof(struct identity_table));
    *table = 0;
}

long identity_mark_first(struct supervisor *supervisor) {
    struct identity_table *table = *supervisor_identities(supervisor);
    struct statfs root;
    if (!table) return -EINVAL;
    table->no_new_privileges = RAW_5(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    table->nosuid = RAW_2(SYS_statfs, "/", &root) == 0 && (root.f_flags & NOSUID) != 0;
    return RAW_5(SYS_prctl, PR_SET_TIMERSLACK, IDENTITY_SLACK, 0, 0, 0);
}
