#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "include/csandbox.h"
#include "operations.h"
#include "rawcall.h"
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// 64 KiB for each of guard and step: the largest frame holds a path. The supervisor's hold several.
enum { STACK_SIZE = 64 * 1024, SUPERVISOR_STACK = 256 * 1024, ALL_STACKS = 2 * STACK_SIZE + SUPERVISOR_STACK,
       ALL_DESCRIPTORS = 0x7fffffff };

// In nanoseconds.
static const uint64_t SECOND = 1000 * 1000 * 1000;

// The kernel's own layout; glibc's sigaction(3) takes a lock that another thread of the caller may hold.
struct kernel_sigaction {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
};

// execve keeps ignored signals ignored, and an ignored SIGCHLD would keep the guard from collecting its child.
static void reset_signals(void) {
    struct kernel_sigaction defaults = {0};
    for (int number = 1; number <= 64; number++) {
        if (number == SIGKILL || number == SIGSTOP) continue;
        RAW_4(SYS_rt_sigaction, number, &defaults, 0, sizeof defaults.mask);
    }
}

static void wait_for(uint32_t *word, uint32_t value) {
    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value) RAW_6(SYS_futex, word, FUTEX_WAIT, value, 0, 0, 0);
}

static void store_and_wake(uint32_t *word, uint32_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
    RAW_6(SYS_futex, word, FUTEX_WAKE, 1, 0, 0, 0);
}

static void fail(struct csandbox_step *step, long operation, long result) {
    step->failed_at = (int32_t)operation;
    __atomic_store_n(&step->failure, (int32_t)-result, __ATOMIC_RELEASE);
}

// A file that was just written is busy while a process that began meanwhile holds a copy of its writer's descriptor,
// which that process closes first of all.
static long execute_when_written(struct csandbox_step *step, const char *file) {
    struct timespec pause = {0, 1000 * 1000};
    for (int attempt = 0;; attempt++) {
        long result = RAW_3(SYS_execve, file, step->arguments, step->environment);
        if (result != -ETXTBSY || attempt == 12) return result;
        RAW_2(SYS_nanosleep, &pause, 0);
        pause.tv_nsec *= 2;
    }
}

// As execvp(3): a candidate that is not there, or may not be run, does not end the search; the latter is remembered.
static long execute(struct csandbox_step *step) {
    long refusal = -ENOENT;
    for (const char *const *candidate = step->executables; *candidate; candidate++) {
        long result = execute_when_written(step, *candidate);
        if (result == -EACCES) refusal = result;
        if (result != -ENOENT && result != -ENOTDIR && result != -EACCES) return result;
    }
    return refusal;
}

static int step_main(void *argument) {
    struct csandbox_step *step = argument;
    uint64_t none = 0;
    RAW_3(SYS_close_range, 3, ALL_DESCRIPTORS, 0);
    RAW_0(SYS_setsid);
    if (step->waits_for_map) wait_for(&step->released, 0);
    for (size_t i = 0; i < step->operation_count; i++) {
        const struct csandbox_operation *operation = &step->operations[i];
        long result = csandbox_perform(step, operation);
        if (result < 0 && result != -(long)operation->tolerated) {
            fail(step, (long)i, result);
            RAW_1(SYS_exit_group, 126);
        }
    }
    if (!step->executables) RAW_1(SYS_exit_group, 0);
    // The guard is the parent. Set last, because a change of user clears it; the guard's watch does not depend on it.
    RAW_5(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    RAW_4(SYS_rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof none);
    fail(step, (long)step->operation_count, execute(step));
    RAW_1(SYS_exit_group, 127);
    return 0;
}

// Descriptors 0 to 3 of the guard become input, output, error and control; the rest, which are copies of the
// caller's (its locks among them), are closed.
static long arrange_descriptors(const struct csandbox_step *step) {
    const int wanted[4] = {step->input, step->output, step->error, step->control};
    long copies[4];
    for (int i = 0; i < 4; i++) {
        copies[i] = RAW_3(SYS_fcntl, wanted[i], F_DUPFD, 4);
        if (copies[i] < 0) return copies[i];
    }
    for (int i = 0; i < 4; i++) {
        long result = RAW_3(SYS_dup3, copies[i], i, i < 3 ? 0 : O_CLOEXEC);
        if (result < 0) return result;
    }
    long result = RAW_3(SYS_close_range, 4, ALL_DESCRIPTORS, 0);
    if (result != -ENOSYS) return result;
    for (int file = 4; file < 65536; file++) RAW_1(SYS_close, file);
    return 0;
}

static void count_time(struct csandbox_step *step, const struct rusage *usage) {
    uint64_t seconds = (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec);
    uint64_t rest = (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
    step->processor_time += seconds * SECOND + rest * 1000;
}

static struct supervisor *supervisor_of(const struct csandbox_step *step) {
    return (struct supervisor *)step->supervisor;
}

// Collects what has ended; -ECHILD when no child is left. The supervisor, which has no exit signal, is not among them;
// orphans always have one.
static long collect(struct csandbox_step *step) {
    int which = step->supervisor ? 0 : __WALL;
    for (;;) {
        int status = 0;
        struct rusage usage;
        long child = RAW_4(SYS_wait4, -1, &status, WNOHANG | which, &usage);
        if (child == -EINTR) continue;
        if (child <= 0) return child;
        count_time(step, &usage);
        if (child == step->step) {
            step->status = status;
            step->finished = 1;
        }
    }
}

// Kills the direct children. Those of a killed process become ours, and are found the next time.
static int kill_children(const struct csandbox_step *step) {
    long spared = step->supervisor ? supervisor_of(step)->process : 0;
    long list = RAW_4(SYS_openat, AT_FDCWD, "/proc/thread-self/children", O_RDONLY | O_CLOEXEC, 0);
    if (list < 0) return 0;
    char buffer[4096];
    long count, number = 0, killed = 0;
    while ((count = RAW_3(SYS_read, list, buffer, sizeof buffer)) > 0) {
        for (long i = 0; i < count; i++) {
            if (buffer[i] >= '0' && buffer[i] <= '9') {
                number = number * 10 + (buffer[i] - '0');
            } else {
                if (number > 1 && number != spared && RAW_2(SYS_kill, number, SIGKILL) == 0) killed++;
                number = 0;
            }
        }
    }
    RAW_1(SYS_close, list);
    return killed > 0;
}

// Keeps what is in the step's control groups from starting more, and where that is known ends it at once. What fails here
// is missing in that hierarchy or kernel.
static void close_groups(const struct csandbox_step *step) {
    for (const char *const *group = step->groups; group && *group; group++) {
        long directory = RAW_4(SYS_openat, AT_FDCWD, *group, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
        long file = RAW_4(SYS_openat, directory, "pids.max", O_WRONLY | O_CLOEXEC, 0);
        RAW_3(SYS_write, file, "0", 1);
        RAW_1(SYS_close, file);
        file = RAW_4(SYS_openat, directory, "cgroup.kill", O_WRONLY | O_CLOEXEC, 0);
        RAW_3(SYS_write, file, "1", 1);
        RAW_1(SYS_close, file);
        RAW_1(SYS_close, directory);
    }
}

// Without a pid namespace: ends every descendant, those that called setsid(2) included.
static void end_descendants(struct csandbox_step *step) {
    struct timespec pause = {.tv_sec = 0, .tv_nsec = 1000 * 1000};
    close_groups(step);
    // Once the step is collected its number may be another's.
    if (!step->finished) RAW_2(SYS_kill, -step->step, SIGKILL);
    for (;;) {
        kill_children(step);
        if (collect(step) == -ECHILD) return;
        RAW_2(SYS_nanosleep, &pause, 0);
    }
}

static void kill_step(const struct csandbox_step *step) { RAW_2(SYS_kill, step->step, SIGKILL); }

static uint64_t monotonic(void) {
    struct timespec time;
    RAW_2(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

// Until the step has ended: watches for the caller's word or its end, and for the end of the step's time.
static void watch(struct csandbox_step *step, long owner) {
    struct pollfd events[4] = {
        {.fd = 3, .events = POLLIN},
        {.fd = (int)owner, .events = POLLIN},
        {.fd = step->guard_pidfd_of_step, .events = POLLIN},
        {.fd = step->supervisor ? supervisor_of(step)->pidfd : -1, .events = POLLIN}};
    const uint64_t begin = monotonic();
    for (;;) {
        uint64_t passed = monotonic() - begin;
        uint64_t left = !step->timeout ? UINT64_MAX : passed < step->timeout ? step->timeout - passed : 0;
        // Orphans that have ended are collected twice a second, so that a long step does not fill the process table.
        if (step->subreaper && left > SECOND / 2) left = SECOND / 2;
        // Made anew each time: the system call writes what is left to it.
        struct timespec pause = {.tv_sec = (time_t)(left / SECOND), .tv_nsec = (long)(left % SECOND)};
        RAW_5(SYS_ppoll, events, 4, left == UINT64_MAX ? 0 : &pause, 0, 0);
        if (events[2].revents) return;
        if (events[0].revents || events[1].revents) {
            kill_step(step);
            return;
        }
        if (events[3].revents) {
            fail(step, -2, -ECHILD);
            kill_step(step);
            return;
        }
        if (step->timeout && monotonic() - begin >= step->timeout) {
            step->timed_out = 1;
            kill_step(step);
            return;
        }
        if (step->subreaper) {
            collect(step);
            if (step->finished) return;
        }
    }
}

// The caller removes them, after it has read what they counted; without it, nobody else would.
static void remove_groups(const struct csandbox_step *step) {
    struct timespec pause = {.tv_sec = 0, .tv_nsec = 5 * 1000 * 1000};
    if (!step->groups || RAW_0(SYS_getppid) == step->owner) return;
    close_groups(step);
    for (const char *const *group = step->groups; *group; group++) {
        // A process that has just ended may still count as one of the group's.
        for (int attempts = 0; attempts < 200; attempts++) {
            if (RAW_3(SYS_unlinkat, AT_FDCWD, *group, AT_REMOVEDIR) != -EBUSY) break;
            RAW_2(SYS_nanosleep, &pause, 0);
        }
    }
}

static int guard_main(void *argument) {
    struct csandbox_step *step = argument;
    reset_signals();
    RAW_0(SYS_setsid); // a signal to the caller's process group or terminal is not for us
    RAW_5(SYS_prctl, PR_SET_NAME, "ocibuild-guard", 0, 0, 0);
    long result = arrange_descriptors(step);
    long owner = -1;
    if (result >= 0) {
        // Its end is also seen on the control pipe, unless a fork(2) of the caller's holds a copy of the other end.
        owner = RAW_2(SYS_pidfd_open, step->owner, 0);
        if (RAW_0(SYS_getppid) != step->owner) return 0;
        if (step->subreaper) result = RAW_5(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    }
    if (result >= 0) {
        int flags = CLONE_VM | CLONE_PIDFD | SIGCHLD | (int)step->namespaces;
        char *top = (char *)step->stacks + 2 * STACK_SIZE;
        // glibc's clone(2) is a bare system call; it touches the shared errno only when it fails.
        result = clone(step_main, top, flags, step, &step->guard_pidfd_of_step, 0, 0);
        if (result < 0) result = -errno;
    }
    if (result < 0) {
        fail(step, -1, result);
        store_and_wake((uint32_t *)&step->step, (uint32_t)-1);
        return 0;
    }
    if (step->supervisor) {
        // Where it fails, CSANDBOX_SUPERVISE does.
        supervisor_spawn(supervisor_of(step), (char *)step->stacks + ALL_STACKS, step->guard_pidfd_of_step,
                         (int32_t)result);
    }
    store_and_wake((uint32_t *)&step->step, (uint32_t)result);
    RAW_3(SYS_close_range, 0, 2, 0); // or the reader would never see the end
    watch(step, owner);
    if (step->subreaper) {
        end_descendants(step);
        if (step->supervisor) supervisor_dismiss(supervisor_of(step));
        remove_groups(step);
        return 0;
    }
    int status = 0;
    struct rusage usage;
    do {
        result = RAW_4(SYS_wait4, step->step, &status, __WALL, &usage);
    } while (result == -EINTR);
    if (result > 0) {
        count_time(step, &usage);
        step->status = status;
        step->finished = 1;
    }
    if (step->supervisor) supervisor_dismiss(supervisor_of(step));
    remove_groups(step);
    return 0;
}

int csandbox_start(struct csandbox_step *step) {
    step->guard = 0;
    step->guard_descriptor = -1;
    step->step = 0;
    step->released = 0;
    step->failed_at = 0;
    step->failure = 0;
    step->finished = 0;
    step->status = 0;
    step->timed_out = 0;
    step->processor_time = 0;
    step->message[0] = 0;
    step->guard_pidfd_of_step = -1;
    step->owner = getpid();
    step->stacks = mmap(0, ALL_STACKS, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (step->stacks == MAP_FAILED) return errno;

    // A handler of the caller's must not run in the guard, on shared memory.
    uint64_t all = ~(uint64_t)0, before = 0;
    RAW_4(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
    // No exit signal: a caller that waits for any child does not meet the guard.
    int guard = clone(guard_main, (char *)step->stacks + STACK_SIZE, CLONE_VM | CLONE_PIDFD, step, &step->guard_descriptor, 0, 0);
    int failure = guard < 0 ? errno : 0;
    RAW_4(SYS_rt_sigprocmask, SIG_SETMASK, &before, 0, sizeof before);
    if (failure) {
        munmap(step->stacks, ALL_STACKS);
        step->stacks = 0;
        return failure;
    }
    step->guard = guard;
    return 0;
}

pid_t csandbox_await(struct csandbox_step *step) {
    wait_for((uint32_t *)&step->step, 0);
    pid_t pid = __atomic_load_n(&step->step, __ATOMIC_ACQUIRE);
    return pid > 0 ? pid : 0;
}

void csandbox_release(struct csandbox_step *step) { store_and_wake(&step->released, 1); }

int csandbox_finish(struct csandbox_step *step) {
    int status, failure = 0;
    pid_t result;
    do {
        result = waitpid(step->guard, &status, __WALL);
    } while (result < 0 && errno == EINTR);
    if (result < 0) failure = errno;
    if (step->guard_descriptor >= 0) close(step->guard_descriptor);
    step->guard_descriptor = -1;
    munmap(step->stacks, ALL_STACKS);
    step->stacks = 0;
    return failure;
}
