// Every identity that a step's processes have had, each once, and the mark by which a task carries one.
#ifndef CSANDBOX_IDENTITY_TABLE_H
#define CSANDBOX_IDENTITY_TABLE_H

#include "identity_rules.h"
#include "supervisor_ids.h"

enum {
    IDENTITY_CAPACITY = 1 << 16,
    IDENTITY_BUCKETS = 2 * IDENTITY_CAPACITY,
    IDENTITY_GROUP_POOL = 4 << 20, // group numbers of all lists together: 16 MiB
    IDENTITY_TASKS = 128,          // files held open
    IDENTITY_WAYS = 4,
    IDENTITY_TASK_PATH = 48,
    IDENTITY_SEED = 16,
    IDENTITY_SLACK = 50000,        // nanoseconds: what the kernel gives every process
};

// What became of the identity of a task is not known before its next call: the kernel is executing a file for it.
struct identity_execution {
    int32_t pending;
    int32_t raised, before; // indices
    // What the kernel put on the stack of the program that ran at the time: random bytes, new ones with each execve.
    uint64_t address;
    uint8_t bytes[IDENTITY_SEED];
};

// A task, known by its open timerslack_ns, which belongs to the task for good: whoever inherits its number is refused.
struct identity_task {
    uint32_t tid; // 0: none
    int32_t file;
    struct identity_execution execution;
};

struct identity_table {
    uint32_t count, pool_used;
    uint32_t next_victim;
    // The first process already had these, from whoever started the builder: they say nothing of what the step wants.
    uint32_t no_new_privileges, nosuid;
    struct identity_task tasks[IDENTITY_TASKS];
    uint32_t buckets[IDENTITY_BUCKETS];       // index + 1 of an identity; 0: none
    uint32_t group_buckets[IDENTITY_BUCKETS]; // offset + 1 into the pool of a list: its length, then its numbers
    struct identity entries[IDENTITY_CAPACITY];
    uint32_t pool[IDENTITY_GROUP_POOL];
    uint32_t scratch[IDENTITY_GROUPS_MAX]; // a list on its way
};

// The index of `wanted`, whose groups are sorted, and may be anywhere; -ENOMEM when there have been too many.
int32_t identity_index(struct identity_table *table, const struct identity *wanted);

// The task's index. Settles what its last execve left open.
int32_t identity_index_of(struct identity_table *table, uint32_t tid);

// Gives the task another identity. 0 or the negated errno value.
long identity_mark(struct identity_table *table, uint32_t tid, int32_t index);

// The entry of a task that was marked or asked for just now, or NULL.
struct identity_task *identity_task_of(struct identity_table *table, uint32_t tid);

// One call on its way.
struct identity_asked {
    struct supervisor *supervisor;
    const struct seccomp_notif *notice;
    struct identity_table *table;
    const struct identity *old;
    int narrow; // a 32-bit call of before Linux 2.4, whose ids have 16 bits
};

// Makes the asking task another. 0 or the negated errno value.
long identity_become(const struct identity_asked *asked, const struct identity *new);

// capset(2) and capget(2): as identity_call.
int identity_set_capabilities(const struct identity_asked *asked, int64_t *result);
int identity_get_capabilities(const struct identity_asked *asked, int64_t *result);

// getsockopt(2) of SO_PEERCRED and SO_PEERGROUPS: as identity_call.
int identity_peer(const struct identity_asked *asked, int64_t *result);

struct identity_ids identity_users(const struct identity *identity);
struct identity_ids identity_groups(const struct identity *identity);

// Answers CALL_EXECVE and CALL_EXECVEAT: gives the task the identity that the kernel would, before the kernel runs the
// file.
void identity_execute(struct supervisor *supervisor, const struct seccomp_notif *notice, int call);

// Whether the task still runs the program that it ran then; 0 also when that cannot be told.
int identity_runs_on(uint32_t tid, const struct identity_execution *then);

// The numbers in line `name` ("NSpid:") of /proc/TID/status, which have that base: as many as there are and fit.
int identity_status_numbers(uint32_t tid, const char *name, uint32_t base, uint64_t *numbers, int capacity);

// The last number in line `name` ("PPid:") of /proc/TID/status, which has that base; 0 when there is none.
uint64_t identity_status_number(uint32_t tid, const char *name, uint32_t base);

// Writes /proc/TID/`name` without "/proc/": it is the supervisor's working directory.
void identity_task_path(char path[IDENTITY_TASK_PATH], uint32_t tid, const char *name);

#endif
