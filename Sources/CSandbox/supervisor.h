// What the files of the supervisor share. All of it runs in a process that shares the caller's memory: raw system
// calls, no allocation but mmap, no errno.
#ifndef CSANDBOX_SUPERVISOR_H
#define CSANDBOX_SUPERVISOR_H

#include "include/csandbox.h"
#include "supervisor_calls.h"
#include "supervisor_ids.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

// The supervisor's descriptors. Its working directory is the builder's /proc, its root that of the step.
enum { STEP_PIDFD = 0, PROC = 1, LISTENER = 2, ROOT = 3 };

// Where the conversation between step, supervisor and guard stands.
enum { AWAITED = 0, LISTENING, SERVING, FAILED };

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

#endif
