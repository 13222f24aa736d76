// What execve does to an identity: the file's set-id bits, and the saved and file system ids, which become the
// effective ones.
//
// The kernel runs the file after we have answered, and may yet refuse: the task gets its new identity first (so that
// whatever it is then, and its children, have it from the first instruction on), and an open question with it. The next
// time that anything is asked of the task, it is seen what it runs: if still the program of then, it is given its
// identity of before back.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "identity_table.h"

#include "rawcall.h"
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/auxvec.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>

enum { HEAD_SIZE = 256, INTERPRETERS_MAX = 5, NOSUID = 2 /* ST_NOSUID */ };

// The file that will be in the process: behind any number of "#!".
struct executable {
    long file; // O_PATH
    struct stat status;
    char path[SUPERVISOR_PATH]; // leads to `file`
};

static int read_memory(uint32_t tid, uint64_t address, uint8_t *bytes, size_t length) {
    struct iovec local = {bytes, length}, remote = {(void *)address, length};
    return RAW_6(SYS_process_vm_readv, tid, &local, 1, &remote, 1, 0) == (long)length;
}

// Where the random bytes of the task's program are; 0 when that cannot be told.
static uint64_t seed_address(uint32_t tid) {
    union {
        uint64_t wide[128];
        uint32_t narrow[256];
    } vector;
    char path[IDENTITY_TASK_PATH];
    identity_task_path(path, tid, "auxv");
    const long file = RAW_4(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (file < 0) return 0;
    const long length = RAW_3(SYS_read, file, &vector, sizeof vector);
    RAW_1(SYS_close, file);
    // Pairs of a kind and a value, both of the program's own width.
    for (long i = 0; (i + 2) * (long)sizeof *vector.wide <= length; i += 2)
        if (vector.wide[i] == AT_RANDOM) return vector.wide[i + 1];
    for (long i = 0; (i + 2) * (long)sizeof *vector.narrow <= length; i += 2)
        if (vector.narrow[i] == AT_RANDOM) return vector.narrow[i + 1];
    return 0;
}

static void note_program(uint32_t tid, struct identity_execution *execution) {
    execution->address = seed_address(tid);
    if (execution->address && !read_memory(tid, execution->address, execution->bytes, sizeof execution->bytes))
        execution->address = 0;
}

int identity_runs_on(uint32_t tid, const struct identity_execution *then) {
    uint8_t now[IDENTITY_SEED];
    if (!then->address || !read_memory(tid, then->address, now, sizeof now)) return 0;
    for (int i = 0; i < IDENTITY_SEED; i++)
        if (now[i] != then->bytes[i]) return 0;
    return 1;
}

static int asked_path(struct supervisor *supervisor, const struct seccomp_notif *notice, int call, char *path) {
    const uint64_t *arguments = (const uint64_t *)notice->data.args;
    if (call == CALL_EXECVE) return supervisor_path(supervisor, notice, AT_FDCWD, arguments[0], 0, path);
    const int flags = (int)arguments[4];
    // AT_SYMLINK_NOFOLLOW is for files that are no links; other flags (AT_EXECVE_CHECK) run nothing.
    if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) return -EINVAL;
    const int how = flags & AT_EMPTY_PATH ? PATH_MAY_BE_EMPTY : 0;
    return supervisor_path(supervisor, notice, (int)arguments[0], arguments[1], how, path);
}

// The interpreter that a script's first line names, as a path; 0 when it is no script.
static int interpreter_path(char head[HEAD_SIZE], long length, uint32_t tid, char path[SUPERVISOR_PATH]) {
    if (length < 3 || head[0] != '#' || head[1] != '!') return 0;
    long start = 2;
    while (start < length && (head[start] == ' ' || head[start] == '\t')) start++;
    long end = start;
    while (end < length && head[end] && head[end] != ' ' && head[end] != '\t' && head[end] != '\n') end++;
    if (end == start || end == length) return -ENOEXEC;
    if (head[start] == '/')
        path[0] = 0;
    else
        identity_task_path(path, tid, "cwd/");
    while (*path) path++;
    while (start < end) *path++ = head[start++];
    *path = 0;
    return 1;
}

static long read_head(long file, char head[HEAD_SIZE]) {
    // Paths of descriptors are under /proc/self, and /proc is the working directory.
    char path[IDENTITY_TASK_PATH];
    *append_number(append_text(path, "self/fd/"), (uint64_t)file) = 0;
    const long reader = RAW_4(SYS_openat, AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
    if (reader < 0) return reader;
    const long length = RAW_3(SYS_read, reader, head, HEAD_SIZE);
    RAW_1(SYS_close, reader);
    return length;
}

// 0, or a negated errno value when the kernel will not run it.
static int find_executable(struct supervisor *supervisor, const struct seccomp_notif *notice, int call,
                           struct executable *found) {
    char head[HEAD_SIZE];
    int result = asked_path(supervisor, notice, call, found->path);
    if (result > 0) result = 0; // a descriptor's file: its link in /proc is followed like any
    for (int interpreters = 0; result == 0 && interpreters <= INTERPRETERS_MAX; interpreters++) {
        found->file = RAW_4(SYS_openat, AT_FDCWD, found->path, O_PATH | O_CLOEXEC, 0);
        if (found->file < 0) return (int)found->file;
        long length = RAW_4(SYS_newfstatat, found->file, "", &found->status, AT_EMPTY_PATH);
        if (length == 0 && (!S_ISREG(found->status.st_mode) || !(found->status.st_mode & 0111))) length = -EACCES;
        if (length == 0) length = read_head(found->file, head);
        result = length < 0 ? (int)length : interpreter_path(head, length, notice->pid, found->path);
        if (result == 0) {
            if (length >= 4 && head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F') return 0;
            result = -ENOEXEC;
        }
        RAW_1(SYS_close, found->file);
        if (result == 1) result = 0;
    }
    return result < 0 ? result : -ELOOP;
}

static int honours_set_id(const struct identity_table *table, uint32_t tid, long file) {
    struct statfs status;
    if (!table->nosuid && RAW_2(SYS_fstatfs, file, &status) == 0 && (status.f_flags & NOSUID)) return 0;
    return table->no_new_privileges || identity_status_number(tid, "NoNewPrivs:", 10) == 0;
}

static struct identity executed(struct supervisor *supervisor, const struct identity_table *table, uint32_t tid,
                                const struct identity *old, const struct executable *file) {
    struct identity new = *old;
    struct file_status status;
    if ((file->status.st_mode & (S_ISUID | S_ISGID)) && honours_set_id(table, tid, file->file) &&
        supervisor_status(supervisor, file->path, 1, &status) == 0) {
        if (status.mode & S_ISUID) new.euid = status.uid;
        // Without the group's execute bit it once meant mandatory locking.
        if ((status.mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP)) new.egid = status.gid;
    }
    new.suid = new.fsuid = new.euid;
    new.sgid = new.fsgid = new.egid;
    new.privileges = identity_privileges_executed(identity_users(&new));
    return new;
}

void identity_execute(struct supervisor *supervisor, const struct seccomp_notif *notice, int call) {
    struct identity_table *table = *supervisor_identities(supervisor);
    const int32_t before = identity_index_of(table, notice->pid);
    struct executable file;
    if (find_executable(supervisor, notice, call, &file) < 0) return;
    const struct identity *old = &table->entries[before];
    const struct identity new = executed(supervisor, table, notice->pid, old, &file);
    RAW_1(SYS_close, file.file);
    const int32_t raised = identity_index(table, &new);
    if (raised < 0 || raised == before || !supervisor_still_asks(supervisor, notice)) return;
    struct identity_execution execution = {.pending = 1, .raised = raised, .before = before};
    note_program(notice->pid, &execution);
    if (identity_mark(table, notice->pid, raised) < 0) return;
    struct identity_task *task = identity_task_of(table, notice->pid);
    if (task) task->execution = execution;
}
