#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "supervisor.h"
#include "rawcall.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

// What older headers lack.
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
enum { FLAG_SYNC_WAKE_UP = 1, ALL_DESCRIPTORS = 0x7fffffff };
#define NOTIFY_SET_FLAGS _IOW('!', 4, uint64_t)

struct csandbox_supervisor *csandbox_supervisor_create(void) {
    struct supervisor *s = mmap(0, sizeof *s, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED) return 0;
    s->filter_length = supervisor_filter(s->filter);
    s->pidfd = -1;
    const struct identity first = {0};
    if (identity_begin(s, &first) < 0) {
        munmap(s, sizeof *s);
        return 0;
    }
    return &s->result;
}

void csandbox_supervisor_destroy(struct csandbox_supervisor *supervisor) {
    struct supervisor *s = (struct supervisor *)supervisor;
    identity_end(s);
    ledger_destroy(s);
    munmap(s, sizeof *s);
}

int csandbox_supervisor_set_identity(struct csandbox_supervisor *supervisor, uint32_t user, uint32_t group,
                                     const uint32_t *groups, size_t count) {
    const struct identity first = {user, user, user, user, group, group, group, group, (uint32_t)count, groups, 0};
    return (int)-identity_begin((struct supervisor *)supervisor, &first);
}

void **supervisor_identities(struct supervisor *s) { return &s->identities; }

static void set_state(struct supervisor *s, uint32_t state) {
    __atomic_store_n(&s->state, state, __ATOMIC_RELEASE);
    RAW_6(SYS_futex, &s->state, FUTEX_WAKE, INT32_MAX, 0, 0, 0);
}

static void note_failure(struct supervisor *s, enum csandbox_stage stage, long result) {
    s->result.failed_at = (int32_t)stage;
    s->result.failure = (int32_t)-result;
}

// In the step ---------------------------------------------------------------------------------------------------------

static long refuse(struct supervisor *s, enum csandbox_stage stage, long result) {
    note_failure(s, stage, result);
    set_state(s, FAILED);
    return result;
}

long supervisor_install(struct supervisor *s) {
    if (!s) return -EINVAL;
    if (__atomic_load_n(&s->state, __ATOMIC_ACQUIRE) == FAILED) return -s->result.failure;
    long result = identity_mark_first(s);
    if (result < 0) return refuse(s, CSANDBOX_STAGE_IDENTITY, result);
    struct sock_fprog program = {.len = (unsigned short)s->filter_length, .filter = s->filter};
    result = RAW_3(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                   SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
    if (result == -EINVAL) // before Linux 5.19
        result = RAW_3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (result < 0) return refuse(s, CSANDBOX_STAGE_FILTER, result);
    long listener = result;
    s->listener = (int32_t)listener;
    set_state(s, LISTENING);
    while (__atomic_load_n(&s->state, __ATOMIC_ACQUIRE) == LISTENING)
        RAW_6(SYS_futex, &s->state, FUTEX_WAIT, LISTENING, 0, 0, 0);
    RAW_1(SYS_close, listener);
    return s->state == SERVING ? 0 : -s->result.failure;
}

// In the supervisor's process -----------------------------------------------------------------------------------------

static void interrupted(int number) { (void)number; }

#if defined(__x86_64__)
// x86_64 has the caller of sigaction(2) bring the return from a handler.
void csandbox_supervisor_restorer(void);
__asm__(".text\n.hidden csandbox_supervisor_restorer\n.globl csandbox_supervisor_restorer\n"
        ".type csandbox_supervisor_restorer, @function\n"
        "csandbox_supervisor_restorer:\n\tmov $15, %eax\n\tsyscall\n");
enum { RESTORER = 0x04000000 };
#define RESTORER_FUNCTION csandbox_supervisor_restorer
#else
enum { RESTORER = 0 };
#define RESTORER_FUNCTION 0
#endif

// A signal ends the wait for the next call, and nothing else: the guard sends it until this process is gone.
static void hear_the_guard(void) {
    struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        uint64_t mask;
    } action = {interrupted, RESTORER, RESTORER_FUNCTION, 0};
    uint64_t mask = ~((uint64_t)1 << (SIGUSR1 - 1));
    RAW_4(SYS_rt_sigaction, SIGUSR1, &action, 0, sizeof mask);
    RAW_4(SYS_rt_sigprocmask, SIG_SETMASK, &mask, 0, sizeof mask);
}

// The step waits for every answer: short turns, soon (since Linux 6.12; before that the kernel does not look at it).
static void be_quick(void) {
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period; // nanoseconds
    } attributes = {.size = sizeof attributes, .runtime = 100 * 1000};
    RAW_3(SYS_sched_setattr, 0, &attributes, 0);
}

// Keeps the step's pidfd and the builder's /proc; the step's own input and output among others are closed.
static long arrange(struct supervisor *s, int step_pidfd) {
    note_failure(s, CSANDBOX_STAGE_PROC, 0);
    long result = RAW_3(SYS_dup3, step_pidfd, STEP_PIDFD, O_CLOEXEC);
    if (result < 0) return result;
    long proc = RAW_4(SYS_openat, AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (proc < 0) return proc;
    if (proc != PROC) result = RAW_3(SYS_dup3, proc, PROC, O_CLOEXEC);
    if (result < 0) return result;
    if (RAW_3(SYS_close_range, LISTENER, ALL_DESCRIPTORS, 0) == -ENOSYS)
        for (int file = LISTENER; file < 65536; file++) RAW_1(SYS_close, file);
    if (s->upper) {
        long upper = RAW_4(SYS_openat, AT_FDCWD, s->upper, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
        if (upper < 0) return upper;
        result = RAW_3(SYS_dup3, upper, UPPER, O_CLOEXEC);
        if (result < 0) return result;
        RAW_1(SYS_close, upper);
        s->has_upper = 1;
    }
    // Is it one? A process of the builder's own is found in it.
    return RAW_4(SYS_faccessat, PROC, "self/status", 4 /* R_OK */, 0);
}

static long attach(struct supervisor *s) {
    note_failure(s, CSANDBOX_STAGE_LISTENER, 0);
    long file = RAW_3(SYS_pidfd_getfd, STEP_PIDFD, s->listener, 0);
    if (file < 0) return file;
    long result = file == LISTENER ? 0 : RAW_3(SYS_dup3, file, LISTENER, O_CLOEXEC);
    if (result < 0) return result;
    if (file != LISTENER) RAW_1(SYS_close, file);

    note_failure(s, CSANDBOX_STAGE_NAMESPACE, 0);
    result = RAW_2(SYS_setns, STEP_PIDFD, CLONE_NEWUSER | CLONE_NEWNS);
    if (result < 0) return result;
    result = RAW_1(SYS_fchdir, PROC);
    if (result < 0) return result;
    // The root of the mount namespace is the step's already, unless the step has called chroot(2).
    char root[32];
    append_text(append_number(root, (uint64_t)s->step), "/root");
    RAW_1(SYS_chroot, root);
    result = RAW_4(SYS_openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (result < 0) return result;
    if (result != ROOT) return -EBADF;
    struct held top;
    result = hold(s, "/", 1, &top);
    if (result < 0) return result;
    s->root_mount = top.mount;
    release(&top);

    note_failure(s, CSANDBOX_STAGE_MEMORY, 0);
    uint64_t seen = 0;
    s->probe = 0x6f63696275696c64;
    struct iovec here = {&seen, sizeof seen}, there = {&s->probe, sizeof s->probe};
    result = RAW_6(SYS_process_vm_readv, s->step, &here, 1, &there, 1, 0);
    if (result != sizeof seen || seen != s->probe) return result < 0 ? result : -EIO;
    // Asker and answerer take turns on one processor: the other one need not be woken, which takes longer than the answer.
    // The flags are the argument itself. Since Linux 6.6; without it the same, only slower.
    RAW_3(SYS_ioctl, LISTENER, NOTIFY_SET_FLAGS, FLAG_SYNC_WAKE_UP);
    note_failure(s, 0, 0);
    return 0;
}

static struct answer decide(struct supervisor *s, const struct seccomp_notif *notice) {
    int call = supervisor_call(notice->data.arch, (uint32_t)notice->data.nr);
    struct answer answer = pass_on();
    if (s->pending_count) settle(s, notice->pid);
    if (call >= CALL_FIRST_IDENTITY) {
        if (identity_call(s, notice, call, &answer.value)) answer.pass = 0;
    } else if (call >= CALL_SETXATTR && call <= CALL_FREMOVEXATTR) {
        answer = attribute_call(s, notice, call);
    } else if (call >= CALL_OPEN) {
        answer = name_call(s, notice, call);
    } else if (call >= CALL_ACCESS) {
        answer = access_call(s, notice, call);
    } else if (call >= CALL_CHOWN) {
        answer = owner_call(s, notice, call);
    } else {
        answer = status_call(s, notice, call);
    }
    supervisor_return_root(s);
    return answer;
}

static int is_ending(struct supervisor *s) { return __atomic_load_n(&s->ending, __ATOMIC_ACQUIRE) != 0; }

static void serve(struct supervisor *s) {
    // The kernel may know larger structures than the headers; it fills them whole.
    union {
        struct seccomp_notif notice;
        char room[512];
    } in;
    union {
        struct seccomp_notif_resp response;
        char room[512];
    } out;
    for (;;) {
        __builtin_memset(&in, 0, sizeof in.notice + 128);
        long result = RAW_3(SYS_ioctl, LISTENER, SECCOMP_IOCTL_NOTIF_RECV, &in);
        if (result == -EINTR || result == -ENOENT) { // interrupted; the asking task is gone
            if (is_ending(s)) return;
            continue;
        }
        if (result < 0) return; // nobody is left who could ask
        struct answer answer = decide(s, &in.notice);
        __builtin_memset(&out, 0, sizeof out.response + 128);
        out.response.id = in.notice.id;
        if (answer.pass) {
            out.response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        } else if (answer.value < 0 && answer.value > -4096) {
            out.response.error = (int32_t)answer.value;
        } else {
            out.response.val = answer.value;
        }
        RAW_3(SYS_ioctl, LISTENER, SECCOMP_IOCTL_NOTIF_SEND, &out); // ENOENT: killed meanwhile
    }
}

static void await(struct supervisor *s, uint32_t state) {
    while (!is_ending(s) && __atomic_load_n(&s->state, __ATOMIC_ACQUIRE) == state)
        RAW_6(SYS_futex, &s->state, FUTEX_WAIT, state, 0, 0, 0);
}

static int supervisor_main(void *argument) {
    struct supervisor *s = argument;
    RAW_5(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (RAW_0(SYS_getppid) != s->guard) return 0;
    RAW_5(SYS_prctl, PR_SET_NAME, "ocibuild-keeper", 0, 0, 0);
    be_quick();
    RAW_1(SYS_umask, 0); // for what it makes in the step's name
    hear_the_guard();
    long result = arrange(s, s->step_pidfd);
    if (result >= 0) {
        await(s, AWAITED);
        if (__atomic_load_n(&s->state, __ATOMIC_ACQUIRE) == LISTENING) result = attach(s);
    }
    if (result < 0) {
        s->result.failure = (int32_t)-result;
        set_state(s, FAILED);
    } else if (s->state == LISTENING) {
        set_state(s, SERVING);
        serve(s);
        settle_all(s);
        ledger_publish(s);
    }
    // An end before the guard's word is a failure.
    while (!is_ending(s)) RAW_6(SYS_futex, &s->ending, FUTEX_WAIT, 0, 0, 0, 0);
    return 0;
}

// In the guard --------------------------------------------------------------------------------------------------------

long supervisor_spawn(struct supervisor *s, void *stack_top, int step_pidfd, int32_t step) {
    s->guard = (int32_t)RAW_0(SYS_getpid);
    s->step = step;
    s->step_pidfd = step_pidfd;
    long result = -ENOSYS; // a kernel without pidfd
    if (step_pidfd >= 0) {
        int pidfd = -1;
        // No exit signal: the guard's wait for descendants of the step does not meet it.
        result = clone(supervisor_main, stack_top, CLONE_VM | CLONE_PIDFD, s, &pidfd, 0, 0);
        s->pidfd = pidfd;
        if (result < 0) result = -errno;
    }
    s->process = result < 0 ? -1 : (int32_t)result;
    if (result < 0) {
        note_failure(s, CSANDBOX_STAGE_PROCESS, result);
        set_state(s, FAILED);
    }
    return result < 0 ? result : 0;
}

void supervisor_dismiss(struct supervisor *s) {
    // What it may still have to do takes milliseconds: the step's memory and files answer at once, for the step is gone.
    enum { PATIENCE = 50 * 1000 };
    struct timespec pause = {.tv_sec = 0, .tv_nsec = 200 * 1000};
    if (s->process <= 0) return;
    uint32_t serving = __atomic_load_n(&s->state, __ATOMIC_ACQUIRE);
    __atomic_store_n(&s->ending, 1, __ATOMIC_RELEASE);
    for (int tries = 0;; tries++) {
        int status = 0;
        long result = RAW_4(SYS_wait4, s->process, &status, WNOHANG | __WCLONE, 0);
        if (result == s->process) {
            if (serving == SERVING && status != 0) note_failure(s, CSANDBOX_STAGE_SERVICE, -ECHILD);
            break;
        }
        if (result < 0 && result != -EINTR) break;
        RAW_2(SYS_kill, s->process, tries < PATIENCE ? SIGUSR1 : SIGKILL);
        RAW_2(SYS_nanosleep, &pause, 0);
    }
    s->process = 0;
}
