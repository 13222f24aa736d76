// What the set*id calls of Linux do to an identity: kernel/sys.c and kernel/groups.c, without a kernel.
#ifndef CSANDBOX_IDENTITY_RULES_H
#define CSANDBOX_IDENTITY_RULES_H

#include <stddef.h>
#include <stdint.h>

enum { IDENTITY_GROUPS_MAX = 65536 };
#define IDENTITY_KEEP ((uint32_t)-1)

// The capabilities that the rules ask for, as bits of a set. Those that the kernel sees are uid 0's all the time.
enum {
    IDENTITY_MAY_SET_GROUP = 1 << 0, // effective CAP_SETGID
    IDENTITY_MAY_SET_USER = 1 << 1,  // effective CAP_SETUID
    IDENTITY_MAY_MORE = 1 << 2,      // whatever else is effective for the kernel
    IDENTITY_EFFECTIVE = IDENTITY_MAY_SET_GROUP | IDENTITY_MAY_SET_USER | IDENTITY_MAY_MORE,
    IDENTITY_PERMITTED = 3,          // the permitted set is this many bits further up
    IDENTITY_KEEPS = 1 << 6,         // PR_SET_KEEPCAPS
};

// The four ids of one kind: user, or group.
struct identity_ids {
    uint32_t real, effective, saved, fs;
};

// Each changes `ids` and returns 0, or leaves it as it is and returns the negated errno value. `privileged`: the
// caller has CAP_SETUID (for users) or CAP_SETGID.
long identity_set(struct identity_ids *ids, uint32_t id, int privileged);
long identity_set_real_effective(struct identity_ids *ids, uint32_t real, uint32_t effective, int privileged);
long identity_set_all(struct identity_ids *ids, uint32_t real, uint32_t effective, uint32_t saved, int privileged);

// setfsuid(2) has no errors: it returns what was there before.
uint32_t identity_set_fs(struct identity_ids *ids, uint32_t id, int privileged);

// The privileges of who had `privileges` as user `old` and calls itself `new` (not by setfsuid).
uint32_t identity_privileges_after(uint32_t privileges, struct identity_ids old, struct identity_ids new);

// Those after execve, of a file without capabilities.
uint32_t identity_privileges_executed(struct identity_ids users);

// Ascending, in place: getgroups(2) answers with a sorted list.
void identity_sort_groups(uint32_t *groups, size_t count);

#endif
