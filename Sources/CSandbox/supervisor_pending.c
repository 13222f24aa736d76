#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "supervisor.h"
#include "rawcall.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

enum { LINKS_FOLLOWED = 8 };

int parent_of(char *path, char **name) {
    size_t length = 0;
    while (path[length]) length++;
    while (length > 1 && path[length - 1] == '/') path[--length] = 0;
    size_t start = length;
    while (start > 0 && path[start - 1] != '/') start--;
    *name = path + start;
    size_t count = length - start;
    if (count == 0 || count > 255) return 0;
    if ((*name)[0] == '.' && (count == 1 || (count == 2 && (*name)[1] == '.'))) return 0;
    return 1;
}

static int64_t now(void) {
    struct timespec time = {0};
    RAW_2(SYS_clock_gettime, CLOCK_REALTIME_COARSE, &time);
    return time.tv_sec;
}

static void forget(struct supervisor *s, size_t index) {
    RAW_1(SYS_close, s->pending[index].directory);
    s->pending[index] = s->pending[--s->pending_count];
}

// 1 when the file is there, and what was to be recorded is; 0 when there is no such file.
static int record_pending(struct supervisor *s, const struct pending *pending) {
    struct held held;
    if (hold_at(s, pending->directory, pending->name, &held) < 0) return 0;
    if (pending->carried && held.inode == pending->before && held.inode != pending->source) {
        release(&held);
        return 0;
    }
    int is_new = !held.born_seconds || held.born_seconds >= pending->since;
    if ((pending->carried || is_new) && (!pending->kind || pending->kind == (held.mode & S_IFMT))) {
        struct record record = held.record;
        if (!pending->carried && is_link_like(held.mode)) ledger_remove(s, &held); // of an earlier owner of the number
        record.uid = pending->uid;
        record.gid = pending->gid;
        uint32_t real = accessible_mode(held.mode, held.mode & 07777);
        if (real != (held.mode & 07777) && RAW_3(SYS_fchmodat, AT_FDCWD, held.path, real) >= 0)
            held.mode = (held.mode & S_IFMT) | real;
        record_write(s, &held, &record);
    }
    int is_there = 1;
    if (pending->carried && held.inode == pending->source) is_there = ledger_note_copy(s, &held, &held.record);
    release(&held);
    return is_there;
}

static int is_gone(uint32_t tid) {
    char path[16];
    *append_number(path, tid) = 0;
    return RAW_4(SYS_faccessat, PROC, path, 0, 0) == -ENOENT;
}

// Before any other call is answered: what `tid`, which asks again, was making is there or never will be.
void settle(struct supervisor *s, uint32_t tid) {
    for (size_t i = s->pending_count; i-- > 0;) {
        const struct pending *pending = &s->pending[i];
        if (record_pending(s, pending) || pending->tid == tid || is_gone(pending->tid)) forget(s, i);
    }
}

void settle_all(struct supervisor *s) {
    while (s->pending_count) {
        record_pending(s, &s->pending[0]);
        forget(s, 0);
    }
}

// A place for one more. When there are too many, the oldest is settled for good or bad.
static struct pending *one_more(struct supervisor *s) {
    if (s->pending_count == PENDING_LIMIT) {
        record_pending(s, &s->pending[0]);
        forget(s, 0);
    }
    return &s->pending[s->pending_count++];
}

static void note(struct supervisor *s, long directory, const char *name, const struct pending *what) {
    struct pending *pending = one_more(s);
    *pending = *what;
    pending->directory = (int)directory;
    append_text(pending->name, name);
}

static long open_directory(const char *path) {
    return RAW_4(SYS_openat, AT_FDCWD, path[0] ? path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
}

long open_parent(char *path, char *name, char kept[256]) {
    append_text(kept, name);
    *name = 0;
    return open_directory(path);
}

// open(2) with O_CREAT goes through symbolic links to what is not there yet: makes `name` in the directory the link
// that it leads to. 1 when it now names something that is not there; the directory may be another one then.
static int follow_links(long *directory, char name[256]) {
    char target[SUPERVISOR_PATH];
    for (int links = 0; links < LINKS_FOLLOWED; links++) {
        struct stat status;
        long result = RAW_4(SYS_newfstatat, *directory, name, &status, AT_SYMLINK_NOFOLLOW);
        if (result == -ENOENT) return 1;
        if (result < 0 || !S_ISLNK(status.st_mode)) return 0;
        long length = RAW_4(SYS_readlinkat, *directory, name, target, sizeof target - 1);
        if (length <= 0) return 0;
        target[length] = 0;
        char *last;
        if (!parent_of(target, &last)) return 0;
        append_text(name, last);
        int is_root = last == target + 1 && target[0] == '/';
        *last = 0;
        long next = RAW_4(SYS_openat, *directory, is_root ? "/" : target[0] ? target : ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
        if (next < 0) return 0;
        RAW_1(SYS_close, *directory);
        *directory = next;
    }
    return 0;
}

int inherited_group(struct supervisor *s, char *path, char *name, uint32_t *group) {
    // "dir/" is followed as the kernel follows it.
    char before = *name;
    *name = 0;
    struct record parent;
    int inherits = record_find(s, path[0] ? path : "/", 1, &parent) && (parent.mode & S_ISGID);
    *name = before;
    if (inherits) *group = parent.gid;
    return inherits;
}

// A file is about to be made. It belongs to the task's identity, or, in a directory that hands on its group, to that
// group; and the builder must be able to read it.
struct answer creation(struct supervisor *s, const struct seccomp_notif *notice, int directory, uint64_t address,
                       uint32_t kind, uint32_t mode, uint32_t open_flags) {
    char path[SUPERVISOR_PATH], *name, kept[256];
    int named = supervisor_path(s, notice, directory, address, PATH_NOT_FOLLOWED, path);
    if (named != 0 || !parent_of(path, &name)) return pass_on();
    if (kind == S_IFREG && (open_flags & (O_TRUNC | O_APPEND))) drop_capability(s, notice, path);
    const struct identity *identity = identity_of(s, notice->pid);
    int is_odd = s->odd_umask || (kind == S_IFDIR ? (mode & 0700) != 0700 : kind == S_IFREG && !(mode & 0400));
    int clears = is_link_like(kind) && s->ledger.live;
    uint32_t uid = identity->fsuid, gid = identity->fsgid;
    inherited_group(s, path, name, &gid);
    if (!uid && !gid && !is_odd && !clears && is_root(identity)) return pass_on();

    long parent_file = open_parent(path, name, kept);
    if (parent_file < 0) return pass_on();
    int is_new;
    if (kind == S_IFREG && !(open_flags & (O_EXCL | O_NOFOLLOW))) {
        is_new = follow_links(&parent_file, kept);
    } else {
        is_new = RAW_4(SYS_faccessat, parent_file, kept, 0, 0) == -ENOENT;
        struct stat status;
        if (is_new) is_new = RAW_4(SYS_newfstatat, parent_file, kept, &status, AT_SYMLINK_NOFOLLOW) == -ENOENT;
    }
    if (!is_root(identity)) {
        char file[SUPERVISOR_PATH];
        char *end = append_number(append_text(file, "self/fd/"), (uint64_t)parent_file);
        *end = 0;
        int writes = kind == S_IFREG && (open_flags & O_ACCMODE);
        if (!is_new && writes) append_text(append_text(end, "/"), kept);
        if ((is_new || writes) && may_not(s, identity, file, is_new ? W_OK | X_OK : W_OK)) {
            RAW_1(SYS_close, parent_file);
            return answer_with(-EACCES);
        }
    }
    if (!is_new || !supervisor_still_asks(s, notice)) {
        RAW_1(SYS_close, parent_file);
        return pass_on();
    }
    const struct pending what = {.tid = notice->pid, .since = now(), .kind = kind, .uid = uid, .gid = gid};
    note(s, parent_file, kept, &what);
    return pass_on();
}

// The call may give what the first path names another inode (an overlay copies what it changes), known by the second
// path: what the ledger knows of it goes along.
void carry(struct supervisor *s, const struct seccomp_notif *notice, int directory, uint64_t address, int how,
           int new_directory, uint64_t new_address) {
    if (!s->ledger.live) return;
    char path[SUPERVISOR_PATH], *name, kept[256];
    int named = supervisor_path(s, notice, directory, address, how, path);
    if (named < 0) return;
    struct held held;
    if (hold(s, path, named == 1 || !(how & PATH_NOT_FOLLOWED), &held) < 0) return;
    struct pending what = {.tid = notice->pid, .carried = 1, .kind = held.mode & S_IFMT, .uid = held.record.uid,
                           .gid = held.record.gid, .source = held.inode};
    int is_known = held.has_record && is_link_like(held.mode);
    release(&held);
    if (!is_known) return;
    if (supervisor_path(s, notice, new_directory, new_address, PATH_NOT_FOLLOWED, path) != 0) return;
    if (!parent_of(path, &name)) return;
    long parent = open_parent(path, name, kept);
    if (parent < 0) return;
    struct stat status;
    if (RAW_4(SYS_newfstatat, parent, kept, &status, AT_SYMLINK_NOFOLLOW) >= 0) what.before = status.st_ino;
    note(s, parent, kept, &what);
}
