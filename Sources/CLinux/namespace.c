#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "clinux_namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Directory services behind newuidmap may be slow, but not for ever.
static const int64_t patience_milliseconds = 20000;

struct report {
    int stage, error;
};

static void tell(int pipe, int stage, int error) {
    struct report report = {stage, error};
    while (write(pipe, &report, sizeof report) < 0 && errno == EINTR) {}
}

static int hear(int pipe, void *bytes, size_t size) {
    ssize_t count;
    while ((count = read(pipe, bytes, size)) < 0 && errno == EINTR) {}
    return count == (ssize_t)size ? 0 : -1;
}

// The process that the namespaces are made in and for. It ends when its parent does, or lets go of the pipe.
static void stand_in(pid_t parent, int reports, int orders) {
    char order;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
        tell(reports, CLINUX_NAMESPACE_UNSHARE, errno);
        _exit(1);
    }
    tell(reports, CLINUX_NAMESPACE_DONE, 0);
    if (hear(orders, &order, 1) != 0) _exit(1);
    // Also the proof that the capabilities of this namespace are worth something: AppArmor may take them.
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
        tell(reports, CLINUX_NAMESPACE_MOUNT, errno);
        _exit(1);
    }
    tell(reports, CLINUX_NAMESPACE_DONE, 0);
    hear(orders, &order, 1);
    _exit(0);
}

static int64_t now_milliseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int fail(struct clinux_namespace *made, int stage, int error) {
    made->failed_at = stage;
    made->error = error;
    return -1;
}

static int start(char **command, pid_t *child, int *output) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    // In English, whatever the user reads: this is looked at by programs too.
    char *environment[] = {"LC_ALL=C", NULL};
    int error = posix_spawn(child, command[0], &actions, NULL, command, environment);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        return error;
    }
    *output = ends[0];
    return 0;
}

// Collects what a program says, as much as there is room for, until it ends; kills it when it takes too long.
static int finish(pid_t child, int output, char *said, size_t room, int *status) {
    size_t length = 0;
    char rest[256];
    int64_t deadline = now_milliseconds() + patience_milliseconds;
    for (;;) {
        int64_t left = deadline - now_milliseconds();
        struct pollfd wait = {.fd = output, .events = POLLIN};
        int ready = left > 0 ? poll(&wait, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) {
            kill(child, SIGKILL);
            break;
        }
        size_t space = length + 1 < room ? room - 1 - length : 0;
        ssize_t count = read(output, space > 0 ? said + length : rest, space > 0 ? space : sizeof rest);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        if (space > 0) length += (size_t)count;
    }
    said[length] = 0;
    close(output);
    int result;
    while (waitpid(child, &result, 0) < 0) {
        if (errno != EINTR) return errno;
    }
    *status = WIFEXITED(result) ? WEXITSTATUS(result) : -1;
    return 0;
}

static int map_by_programs(struct clinux_namespace *made, pid_t target) {
    char pid[16];
    snprintf(pid, sizeof pid, "%d", target);
    made->map_users[1] = made->map_groups[1] = pid;
    pid_t children[2];
    int outputs[2], errors[2], states[2] = {0, 0};
    char said[2][sizeof made->said];
    // Both at once: neither waits for the other.
    for (int i = 0; i < 2; i++) {
        errors[i] = start(i == 0 ? made->map_users : made->map_groups, &children[i], &outputs[i]);
    }
    for (int i = 0; i < 2; i++) {
        if (errors[i] == 0) errors[i] = finish(children[i], outputs[i], said[i], sizeof said[i], &states[i]);
    }
    for (int i = 0; i < 2; i++) {
        if (errors[i] == 0 && states[i] == 0) continue;
        if (errors[i] == 0) memcpy(made->said, said[i], sizeof made->said);
        made->status = states[i];
        return fail(made, i == 0 ? CLINUX_NAMESPACE_USERS : CLINUX_NAMESPACE_GROUPS, errors[i]);
    }
    return 0;
}

static int write_map(pid_t target, const char *name, const char *text) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", target, name);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return errno;
    // The kernel takes a map in one write only.
    ssize_t count = write(file, text, strlen(text));
    int error = count < 0 ? errno : 0;
    close(file);
    return error;
}

static int map_by_hand(struct clinux_namespace *made, pid_t target) {
    int error = write_map(target, "uid_map", made->users);
    if (error != 0) return fail(made, CLINUX_NAMESPACE_USERS, error);
    error = write_map(target, "gid_map", made->groups);
    return error != 0 ? fail(made, CLINUX_NAMESPACE_GROUPS, error) : 0;
}

static int go_there(struct clinux_namespace *made, pid_t target) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/cwd", target);
    // Where this process is, as the new mount namespace has it.
    int place = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int process = (int)syscall(SYS_pidfd_open, target, 0);
    int error = 0;
    // To be known before the point of no return: whether the working directory can be entered again.
    if (place < 0 || process < 0 || fchdir(place) != 0) error = errno;
    // Both namespaces or neither: the kernel changes nothing before it has checked everything.
    if (error == 0 && setns(process, CLONE_NEWUSER | CLONE_NEWNS) != 0) error = errno;
    if (error == 0 && fchdir(place) != 0) error = errno;
    if (process >= 0) close(process);
    if (place >= 0) close(place);
    return error != 0 ? fail(made, CLINUX_NAMESPACE_ENTER, error) : 0;
}

static int make(struct clinux_namespace *made, pid_t target, int reports, int orders) {
    struct report report;
    if (hear(reports, &report, sizeof report) != 0) return fail(made, CLINUX_NAMESPACE_PREPARE, ECHILD);
    if (report.stage != CLINUX_NAMESPACE_DONE) return fail(made, report.stage, report.error);
    if ((made->map_users != NULL ? map_by_programs(made, target) : map_by_hand(made, target)) != 0) return -1;
    while (write(orders, "", 1) < 0 && errno == EINTR) {}
    if (hear(reports, &report, sizeof report) != 0) return fail(made, CLINUX_NAMESPACE_PREPARE, ECHILD);
    if (report.stage != CLINUX_NAMESPACE_DONE) return fail(made, report.stage, report.error);
    return made->enters ? go_there(made, target) : 0;
}

int clinux_namespace_enter(struct clinux_namespace *made) {
    int reports[2], orders[2];
    made->failed_at = CLINUX_NAMESPACE_DONE;
    made->error = made->status = 0;
    made->said[0] = 0;
    if (pipe2(reports, O_CLOEXEC) != 0) return fail(made, CLINUX_NAMESPACE_PREPARE, errno);
    if (pipe2(orders, O_CLOEXEC) != 0) {
        int error = errno;
        close(reports[0]);
        close(reports[1]);
        return fail(made, CLINUX_NAMESPACE_PREPARE, error);
    }
    // Where SIGCHLD is ignored, as under some launchers, nobody could ask how a program ended.
    struct sigaction usual, before;
    memset(&usual, 0, sizeof usual);
    usual.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, NULL, &before);
    int unheard = before.sa_handler == SIG_IGN || (before.sa_flags & SA_NOCLDWAIT) != 0;
    if (unheard) sigaction(SIGCHLD, &usual, NULL);
    int result;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        close(reports[0]);
        close(orders[1]);
        stand_in(parent, reports[1], orders[0]);
    }
    close(reports[1]);
    close(orders[0]);
    if (child < 0) {
        result = fail(made, CLINUX_NAMESPACE_PREPARE, errno);
    } else {
        result = make(made, child, reports[0], orders[1]);
        kill(child, SIGKILL);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    }
    close(reports[0]);
    close(orders[1]);
    if (unheard) sigaction(SIGCHLD, &before, NULL);
    return result;
}

uint64_t clinux_effective_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2];
    memset(data, 0, sizeof data);
    if (syscall(SYS_capget, &header, data) != 0) return 0;
    return (uint64_t)data[1].effective << 32 | data[0].effective;
}

int clinux_no_new_privileges(void) { return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; }
