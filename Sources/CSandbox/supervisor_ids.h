// Identities: who each of the step's processes takes itself for. It has one real user and group only.
//
// The mark of a task is its timer slack, 50000 + index nanoseconds: the kernel hands it on over fork, clone and execve
// at the right instant, and the supervisor sets it from outside (/proc/TID/timerslack_ns).
#ifndef CSANDBOX_SUPERVISOR_IDS_H
#define CSANDBOX_SUPERVISOR_IDS_H

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor_calls.h"

struct supervisor;

struct identity {
    uint32_t ruid, euid, suid, fsuid;
    uint32_t rgid, egid, sgid, fsgid;
    uint32_t group_count;
    const uint32_t *groups;
    uint32_t privileges; // IDENTITY_MAY_* of identity_rules.h; what is set for the first identity does not matter
};

// In supervisor_ids.c ---------------------------------------------------------------------------------------------

// Whom the task takes itself for. Never NULL: what cannot be told is the first identity.
const struct identity *identity_of(struct supervisor *supervisor, uint32_t tid);

// Answers a call of CALL_FIRST_IDENTITY and above. 1: answered, `*result` is a value or the negated errno value;
// 0: the kernel is to do it.
int identity_call(struct supervisor *supervisor, const struct seccomp_notif *notice, int call, int64_t *result);

// Before the start, in the caller: whom the first process takes itself for. 0 or the negated errno value; may be called
// again. identity_end releases what it took.
int identity_begin(struct supervisor *supervisor, const struct identity *first);
void identity_end(struct supervisor *supervisor);

// In the step, before the filter is there: marks the first process. 0 or the negated errno value.
long identity_mark_first(struct supervisor *supervisor);

// For supervisor_ids.c --------------------------------------------------------------------------------------------

// What supervisor_ids.c keeps: NULL at first.
void **supervisor_identities(struct supervisor *supervisor);

// Foreign memory: 0 or the negated errno value (-EFAULT). Whether the asking task still was the asking one is what
// supervisor_still_asks says afterwards: ask it before anything is changed because of what was read.
int supervisor_read(struct supervisor *, const struct seccomp_notif *, uint64_t address, void *buffer, size_t length);
int supervisor_write(struct supervisor *, const struct seccomp_notif *, uint64_t address, const void *buffer, size_t length);
// The string's length, or -EFAULT, -ENAMETOOLONG.
int supervisor_read_string(struct supervisor *, const struct seccomp_notif *, uint64_t address, char *buffer, size_t capacity);
int supervisor_still_asks(struct supervisor *, const struct seccomp_notif *);

// Whether the task runs with 32-bit pointers, and those of arrays in its memory.
int supervisor_is_foreign(const struct seccomp_notif *);

enum { SUPERVISOR_PATH = 4096 + 64 };
// What a path may be, as the bits of AT_EMPTY_PATH and AT_SYMLINK_NOFOLLOW say it.
enum { PATH_MAY_BE_EMPTY = 1, PATH_NOT_FOLLOWED = 2 };

// Writes a path for system calls of this process (its working directory is the builder's /proc) that means what
// (`directory`, path at `address`) means to the asking task: "TID/cwd/rel", "TID/fd/N/rel", "/abs", with /proc/self,
// /proc/thread-self and /dev/fd replaced. 0; or 1 when it names a descriptor or the working directory itself, by a link
// that is to be followed whatever the call's flags say; or the negated errno value.
int supervisor_path(struct supervisor *, const struct seccomp_notif *, int directory, uint64_t address, int how,
                    char path[SUPERVISOR_PATH]);
// The same of descriptor `file` alone: 1, or the negated errno value.
int supervisor_file_path(const struct seccomp_notif *, int file, char path[SUPERVISOR_PATH]);

// What the step believes of a file: type and mode as in st_mode, owner, device. `path` is one of supervisor_path's.
// 0 or the negated errno value.
struct file_status {
    uint32_t mode, uid, gid;
    uint32_t rdev_major, rdev_minor;
};
int supervisor_status(struct supervisor *, const char *path, int follow, struct file_status *status);

#endif
