#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "supervisor.h"
#include "rawcall.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

enum { PAGE = 4096, FIRST_READ = 256 };

int supervisor_is_foreign(const struct seccomp_notif *notice) {
    return notice->data.arch == AUDIT_ARCH_I386 || notice->data.arch == AUDIT_ARCH_ARM;
}

static long transfer(long call, uint32_t tid, const void *here, uint64_t there, size_t length) {
    struct iovec local = {(void *)(uintptr_t)here, length}, remote = {(void *)(uintptr_t)there, length};
    return RAW_6(call, tid, &local, 1, &remote, 1, 0);
}

int supervisor_read(struct supervisor *s, const struct seccomp_notif *notice, uint64_t address, void *buffer,
                    size_t length) {
    (void)s;
    return transfer(SYS_process_vm_readv, notice->pid, buffer, address, length) == (long)length ? 0 : -EFAULT;
}

int supervisor_write(struct supervisor *s, const struct seccomp_notif *notice, uint64_t address, const void *buffer,
                     size_t length) {
    if (length == 0) return 0;
    // The memory of a process that took over the number meanwhile is not to be written.
    if (!supervisor_still_asks(s, notice)) return -ESRCH;
    return transfer(SYS_process_vm_writev, notice->pid, buffer, address, length) == (long)length ? 0 : -EFAULT;
}

int supervisor_read_string(struct supervisor *s, const struct seccomp_notif *notice, uint64_t address, char *buffer,
                           size_t capacity) {
    (void)s;
    size_t done = 0;
    while (done < capacity) {
        // Never over the end of a page: the next one need not be there.
        size_t length = PAGE - (address + done) % PAGE;
        if (done == 0 && length > FIRST_READ) length = FIRST_READ;
        if (length > capacity - done) length = capacity - done;
        long count = transfer(SYS_process_vm_readv, notice->pid, buffer + done, address + done, length);
        if (count <= 0) return -EFAULT;
        for (long i = 0; i < count; i++)
            if (!buffer[done + (size_t)i]) return (int)(done + (size_t)i);
        done += (size_t)count;
    }
    return -ENAMETOOLONG;
}

int supervisor_still_asks(struct supervisor *s, const struct seccomp_notif *notice) {
    (void)s;
    uint64_t id = notice->id;
    long result = RAW_3(SYS_ioctl, LISTENER, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
    // The ioctl's number was another one before Linux 5.17, which knows the new one as well.
    return result == 0;
}

// Paths --------------------------------------------------------------------------------------------------------------

char *append_number(char *at, uint64_t number) {
    char digits[20];
    int count = 0;
    do digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count) *at++ = digits[--count];
    return at;
}

char *append_text(char *at, const char *text) {
    while ((*at = *text++)) at++;
    return at;
}

int supervisor_take_root(struct supervisor *s, uint32_t tid) {
    if (!s->roots_differ || s->root_is_foreign) return 0;
    char path[32];
    append_text(append_number(path, tid), "/root");
    long result = RAW_1(SYS_chroot, path);
    if (result < 0) return (int)result;
    s->root_is_foreign = 1;
    return 0;
}

void supervisor_return_root(struct supervisor *s) {
    if (!s->root_is_foreign) return;
    RAW_1(SYS_fchdir, ROOT);
    RAW_1(SYS_chroot, ".");
    RAW_1(SYS_fchdir, PROC);
    s->root_is_foreign = 0;
}

int supervisor_file_path(const struct seccomp_notif *notice, int file, char path[SUPERVISOR_PATH]) {
    if (file < 0) return -EBADF;
    char *at = append_text(append_number(path, notice->pid), "/fd/");
    *append_number(at, (uint64_t)file) = 0;
    return 1;
}

// What follows `component` at the start of `path`, or NULL when it does not start so.
static const char *after(const char *path, const char *component) {
    while (*path == '/') path++;
    while (*component && *path == *component) path++, component++;
    return !*component && (!*path || *path == '/') ? path : 0;
}

// In the builder's /proc, "self" is the supervisor. What replaces the start of the path, and what is left of it.
static const char *own_files(const char *path, int how, const char **rest) {
    const char *next;
    if ((next = after(path, "proc"))) {
        if (!(*rest = after(next, "self"))) *rest = after(next, "thread-self");
        return *rest ? "" : 0;
    }
    if (!(next = after(path, "dev"))) return 0;
    if ((*rest = after(next, "fd")) && **rest) return "/fd";
    if (how & PATH_NOT_FOLLOWED) return 0;
    if ((*rest = after(next, "stdin"))) return "/fd/0";
    if ((*rest = after(next, "stdout"))) return "/fd/1";
    if ((*rest = after(next, "stderr"))) return "/fd/2";
    return 0;
}

int supervisor_path(struct supervisor *s, const struct seccomp_notif *notice, int directory, uint64_t address, int how,
                    char path[SUPERVISOR_PATH]) {
    enum { ROOM = 48 }; // for what comes before a relative path
    char *given = path + ROOM;
    int length = 0;
    if (address || !(how & PATH_MAY_BE_EMPTY)) {
        length = supervisor_read_string(s, notice, address, given, SUPERVISOR_PATH - ROOM);
        if (length < 0) return length;
    }
    if (s->roots_differ) {
        int result = supervisor_take_root(s, notice->pid);
        if (result < 0) return result;
    }
    if (length > 0 && given[0] == '/') {
        const char *rest;
        const char *replacement = own_files(given, how, &rest);
        if (!replacement) {
            __builtin_memmove(path, given, (size_t)length + 1);
            return 0;
        }
        // `rest` is part of `given`, and further right than what is written.
        char *at = append_text(append_number(path, notice->pid), replacement);
        __builtin_memmove(at, rest, (size_t)(given + length - rest) + 1);
        return 0;
    }
    if (length == 0 && !(how & PATH_MAY_BE_EMPTY)) return -ENOENT;
    char *at = append_number(path, notice->pid);
    if (directory == AT_FDCWD) {
        at = append_text(at, "/cwd");
    } else if (directory < 0) {
        return -EBADF;
    } else {
        at = append_number(append_text(at, "/fd/"), (uint64_t)directory);
    }
    if (length == 0) {
        *at = 0;
        return 1;
    }
    *at++ = '/';
    __builtin_memmove(at, given, (size_t)length + 1);
    return 0;
}
