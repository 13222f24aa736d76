// What the files of the supervisor share. All of it runs in a process that shares the caller's memory: raw system
// calls, no allocation but mmap, no errno.
#ifndef CSANDBOX_SUPERVISOR_H
#define CSANDBOX_SUPERVISOR_H

#include "include/csandbox.h"
#include "supervisor_calls.h"
#include "supervisor_ids.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/stat.h>

// The supervisor's descriptors. Its working directory is the builder's /proc, its root that of the step.
enum { STEP_PIDFD = 0, PROC = 1, LISTENER = 2, ROOT = 3, UPPER = 4 };

// Where the conversation between step, supervisor and guard stands.
enum { AWAITED = 0, LISTENING, SERVING, FAILED };

// What the step believes of an inode, where that differs from what the inode itself says. In `user.ocibuild.inode`.
struct record {
    uint8_t type;  // 0: as the inode is; else the S_IFMT bits, shifted down by 12
    uint16_t mode; // of it 07777
    uint32_t uid, gid;
    uint32_t rdev_major, rdev_minor;
};

// An inode that this process holds by an O_PATH descriptor.
struct held {
    int file;
    char path[24];          // "self/fd/N"
    uint32_t mode, links;   // of the inode itself
    uint64_t device, inode, mount;
    int64_t born_seconds;   // 0: not known
    uint32_t born_nanoseconds;
    int has_record;
    struct record record;   // as it is believed; without a record: 0:0 and the inode's own mode
};

// The records of inodes that take no user.* attribute, by inode number.
struct ledger_entry {
    uint64_t inode, device;
    int64_t born_seconds;
    uint32_t born_nanoseconds;
    uint8_t state;        // 0: never used
    uint8_t any_device;   // named by the caller before the start
    uint8_t in_root;      // of the step's root file system
    struct record record;
};

struct ledger {
    struct ledger_entry *entries;
    size_t capacity, used, live; // `used` counts the removed ones as well
    int holds_files;             // also of regular files or directories: their file system knows no user.* attributes
};

// A file that a task is about to make, or whose inode is about to change, with what is to be recorded when it is there.
struct pending {
    int directory;   // O_PATH
    uint32_t tid;
    int64_t since;   // seconds: what was born before is another file
    uint32_t kind;   // S_IFMT of what is made; 0: any
    uint32_t uid, gid;
    int carried;     // an old file, of which `uid` and `gid` are known
    uint64_t before; // of a carried one: the inode that the name stood for when the call was made, and
    uint64_t source; // the one that it is to stand for
    char name[256];
};

enum { PENDING_LIMIT = 64 };

struct supervisor {
    struct csandbox_supervisor result; // first: the caller's view of this is a pointer to it
    uint32_t state;
    uint32_t ending;       // the guard's word: the step is over
    int32_t listener;      // the descriptor's number in the step
    int32_t process;       // of the supervisor, as the guard sees it
    int32_t pidfd;         // of the supervisor, in the guard
    int32_t step_pidfd;    // of the step, in the guard
    int32_t guard, step;   // process ids
    uint64_t probe;        // the step's memory is read here, to see that it can be
    void *identities;
    uint32_t roots_differ; // some process may have another root directory than the supervisor
    uint32_t root_is_foreign;
    uint32_t odd_umask;     // some process may make files that their owner cannot read
    uint64_t root_mount;
    const char *upper; // NULL: the step's root is no overlay, or it is not known where its layer is
    uint32_t has_upper;
    struct ledger ledger;
    struct csandbox_owner *owners; // what the ledger comes to in the end
    size_t owner_count, owner_bytes;
    size_t pending_count;
    struct pending pending[PENDING_LIMIT];
    size_t filter_length;
    struct sock_filter filter[FILTER_CAPACITY];
};

// In the guard: makes the supervisor's process. 0 or the negated errno value.
long supervisor_spawn(struct supervisor *supervisor, void *stack_top, int step_pidfd, int32_t step);
// In the guard: lets it finish, and collects it.
void supervisor_dismiss(struct supervisor *supervisor);
// In the step: operation CSANDBOX_SUPERVISE. 0 or the negated errno value.
long supervisor_install(struct supervisor *supervisor);

// What the supervisor says to one call: `value` is its result, or it lets the kernel do it.
struct answer {
    int pass;
    int64_t value;
};
static inline struct answer pass_on(void) { return (struct answer){.pass = 1}; }
static inline struct answer answer_with(int64_t value) { return (struct answer){.value = value}; }

// supervisor_memory.c: paths of processes.
char *append_number(char *at, uint64_t number); // the new end, without a zero
char *append_text(char *at, const char *text);  // the new end, at the zero
// Makes this process's root the asking task's, where they may differ; supervisor_return_root takes that back.
int supervisor_take_root(struct supervisor *, uint32_t tid);
void supervisor_return_root(struct supervisor *);

// supervisor_records.c
// The record of what `path` names: 1, or 0 when there is none.
int record_find(struct supervisor *, const char *path, int follow, struct record *record);
// Takes hold of what `path` names. 0 or the negated errno value; to be released.
long hold(struct supervisor *, const char *path, int follow, struct held *held);
long hold_at(struct supervisor *, int directory, const char *name, struct held *held);
void release(const struct held *held);
// What statx(2) says of the inode: all of `held` but the descriptor and the record. 0 or the negated errno value.
long examine(struct held *held, int directory, const char *path, int flags);
// Looks at the inode again: a change may have made an overlay copy it.
long look_again(struct held *held);
// Writes what is now believed of the inode; where that is what the inode says itself, takes the record away.
long record_write(struct supervisor *, struct held *held, const struct record *record);
// The mode that an inode really has for the step to see `mode`: its owner, the builder, can read it.
uint32_t accessible_mode(uint32_t type, uint32_t mode);
// What the record means on an inode of `mode`: set-id bits are the inode's as well, from which the kernel takes them when
// somebody writes to the file.
static inline uint32_t recorded_mode(const struct record *record, uint32_t mode) {
    return record->type ? record->mode : record->mode & (mode | ~(uint32_t)(S_ISUID | S_ISGID));
}

// Takes no user.* attribute, and is always as accessible as its mode says.
static inline int is_link_like(uint32_t mode) { return S_ISLNK(mode) || S_ISFIFO(mode) || S_ISSOCK(mode); }

// supervisor_ledger.c
struct ledger_entry *ledger_find(struct supervisor *, const struct held *held);
long ledger_set(struct supervisor *, const struct held *held, const struct record *record);
void ledger_remove(struct supervisor *, const struct held *held);
// An overlay goes on to show the number of a link that it has copied: notes the owner by the copy's own number, too.
// 0 when it has not been copied.
int ledger_note_copy(struct supervisor *, const struct held *held, const struct record *record);
void ledger_publish(struct supervisor *);
void ledger_destroy(struct supervisor *); // in the caller

// supervisor_pending.c
void settle(struct supervisor *, uint32_t tid);
void settle_all(struct supervisor *);
struct answer creation(struct supervisor *, const struct seccomp_notif *, int directory, uint64_t address,
                       uint32_t kind, uint32_t mode, uint32_t open_flags);
void carry(struct supervisor *, const struct seccomp_notif *, int directory, uint64_t address, int how,
           int new_directory, uint64_t new_address);
// Cuts `path` at its last component. 0 when there is none that could be made: "..", "/", or too long.
int parent_of(char *path, char **name);
// The directory of a path that parent_of has looked at, as a descriptor; the name, apart from it, is in `kept`.
long open_parent(char *path, char *name, char kept[256]);
// Whether the directory of such a path hands on its group, which is `*group` then.
int inherited_group(struct supervisor *, char *path, char *name, uint32_t *group);

// CSANDBOX_OWN before the supervisor serves, in the step: records instead. 0 or the negated errno value.
long supervisor_own(struct supervisor *, const char *path, uint32_t uid, uint32_t gid);

// supervisor_access.c
int is_root(const struct identity *); // may do more than its ids say
int is_member(const struct identity *, uint32_t group);
// Whether the mode lets `uid` and `gid`, with the identity's further groups, do R_OK, W_OK or X_OK bits `wanted`.
int permits(const struct identity *, uint32_t uid, uint32_t gid, const struct record *, uint32_t wanted);
// Whether the kernel would refuse R_OK, W_OK or X_OK bits `wanted` of what `path` names.
int may_not(struct supervisor *, const struct identity *, const char *path, uint32_t wanted);

// Takes capabilities away from a file that is about to be written.
void drop_capability(struct supervisor *, const struct seccomp_notif *, const char *path);

// The kinds of calls. `how`: PATH_* bits.
struct answer access_call(struct supervisor *, const struct seccomp_notif *, int call);
struct answer status_call(struct supervisor *, const struct seccomp_notif *, int call);     // supervisor_status.c
// chmod(2) of what `path` names, by supervisor_path's result `named`.
struct answer give_mode(struct supervisor *, const struct seccomp_notif *, int named, const char *path, uint32_t mode);
struct answer owner_call(struct supervisor *, const struct seccomp_notif *, int call);      // supervisor_owners.c
struct answer name_call(struct supervisor *, const struct seccomp_notif *, int call);       // supervisor_names.c
struct answer attribute_call(struct supervisor *, const struct seccomp_notif *, int call);  // supervisor_attributes.c

#endif
