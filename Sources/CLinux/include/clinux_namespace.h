// A user namespace for a process that is running already; see user_namespaces(7) and setns(2).
#ifndef CLINUX_NAMESPACE_H
#define CLINUX_NAMESPACE_H

#include <stdint.h>

// How far making one came.
enum {
    CLINUX_NAMESPACE_DONE = 0,
    // A pipe, a process, a file below /proc.
    CLINUX_NAMESPACE_PREPARE,
    // unshare(2) refused it.
    CLINUX_NAMESPACE_UNSHARE,
    // Nobody would map the user ids, or the group ids.
    CLINUX_NAMESPACE_USERS,
    CLINUX_NAMESPACE_GROUPS,
    // It has no power over its own mounts.
    CLINUX_NAMESPACE_MOUNT,
    // It works, but this process may not go there.
    CLINUX_NAMESPACE_ENTER,
};

struct clinux_namespace {
    // The programs that map ids, ended by NULL; the second word is replaced by the process id. NULL: `users` and
    // `groups` are written by this process itself, as /proc/PID/uid_map has them.
    char **map_users, **map_groups;
    const char *users, *groups;
    // 0: only find out whether it would work.
    int enters;

    // What came of it: where it ended, errno there (0 where a program failed), and what a program that failed ended
    // with (-1: it was killed) and said.
    int failed_at, error, status;
    char said[512];
};

// Makes a user namespace and a mount namespace in a child process, has its ids mapped, tries it, and then goes there in
// one step: 0, or -1 where this process stays exactly as it was. Needs a process with one thread.
int clinux_namespace_enter(struct clinux_namespace *made);

// Bit n is capability n of the calling thread's effective set.
uint64_t clinux_effective_capabilities(void);

// 1 where execve(2) gives no privileges any more.
int clinux_no_new_privileges(void);

#endif
