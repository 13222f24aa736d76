#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "supervisor.h"
#include "rawcall.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

// 58 MB for some 260,000 to 780,000 inodes; what a step makes beyond that is not remembered, and said to be
// missing.
enum { LEDGER_FIRST = 256, LEDGER_LIMIT = 1 << 20 };
enum { NEVER = 0, LIVE, REMOVED };

static size_t place(const struct ledger *ledger, uint64_t inode) {
    return (size_t)((inode * 0x9e3779b97f4a7c15u) >> 20) & (ledger->capacity - 1);
}

static void *take_memory(size_t bytes) {
    long memory = RAW_6(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory < 0 && memory > -4096 ? 0 : (void *)memory;
}

static struct ledger_entry *free_place(struct ledger *ledger, uint64_t inode) {
    size_t at = place(ledger, inode);
    while (ledger->entries[at].state == LIVE) at = (at + 1) & (ledger->capacity - 1);
    return &ledger->entries[at];
}

// At least a quarter of the places is free at any time, so that a search ends.
static int make_room(struct ledger *ledger) {
    if (ledger->capacity && (ledger->used + 1) * 4 < ledger->capacity * 3) return 1;
    struct ledger grown = *ledger;
    grown.capacity = LEDGER_FIRST;
    while (grown.capacity < ledger->live * 4) grown.capacity *= 2;
    if (grown.capacity > LEDGER_LIMIT) return 0;
    grown.entries = take_memory(grown.capacity * sizeof *grown.entries);
    if (!grown.entries) return 0;
    for (size_t i = 0; i < ledger->capacity; i++)
        if (ledger->entries[i].state == LIVE) *free_place(&grown, ledger->entries[i].inode) = ledger->entries[i];
    grown.used = grown.live = ledger->live;
    if (ledger->entries) RAW_2(SYS_munmap, ledger->entries, ledger->capacity * sizeof *ledger->entries);
    *ledger = grown;
    return 1;
}

static void drop(struct ledger *ledger, struct ledger_entry *entry) {
    entry->state = REMOVED;
    ledger->live--;
}

struct ledger_entry *ledger_find(struct supervisor *s, const struct held *held) {
    struct ledger *ledger = &s->ledger;
    if (!ledger->live) return 0;
    if ((S_ISREG(held->mode) || S_ISDIR(held->mode)) && !ledger->holds_files) return 0;
    size_t at = place(ledger, held->inode);
    for (; ledger->entries[at].state != NEVER; at = (at + 1) & (ledger->capacity - 1)) {
        struct ledger_entry *entry = &ledger->entries[at];
        if (entry->state != LIVE || entry->inode != held->inode) continue;
        if (entry->any_device) {
            if (held->mount == s->root_mount && is_link_like(held->mode)) return entry;
            continue;
        }
        if (entry->device != held->device) continue;
        if (entry->born_seconds == held->born_seconds && entry->born_nanoseconds == held->born_nanoseconds) return entry;
        drop(ledger, entry); // the number is another file's now
    }
    return 0;
}

static struct ledger_entry *add(struct supervisor *s, uint64_t inode) {
    if (!make_room(&s->ledger)) {
        s->result.dropped = 1;
        return 0;
    }
    struct ledger_entry *entry = free_place(&s->ledger, inode);
    if (entry->state == NEVER) s->ledger.used++;
    s->ledger.live++;
    *entry = (struct ledger_entry){.inode = inode, .state = LIVE};
    return entry;
}

long ledger_set(struct supervisor *s, const struct held *held, const struct record *record) {
    struct ledger_entry *entry = ledger_find(s, held);
    if (!entry) {
        entry = add(s, held->inode);
        if (!entry) return -ENOSPC;
        entry->device = held->device;
        entry->born_seconds = held->born_seconds;
        entry->born_nanoseconds = held->born_nanoseconds;
        entry->in_root = held->mount == s->root_mount;
    }
    entry->record = *record;
    if (!is_link_like(held->mode)) s->ledger.holds_files = 1;
    return 0;
}

void ledger_remove(struct supervisor *s, const struct held *held) {
    struct ledger_entry *entry = ledger_find(s, held);
    if (entry) drop(&s->ledger, entry);
}

void csandbox_supervisor_set_upper(struct csandbox_supervisor *supervisor, const char *path) {
    ((struct supervisor *)supervisor)->upper = path;
}

int csandbox_supervisor_add_owner(struct csandbox_supervisor *supervisor, uint64_t device, uint64_t inode,
                                  uint32_t user, uint32_t group) {
    (void)device;
    struct ledger_entry *entry = add((struct supervisor *)supervisor, inode);
    if (!entry) return ENOMEM;
    entry->any_device = entry->in_root = 1;
    entry->record.uid = user;
    entry->record.gid = group;
    return 0;
}

int ledger_note_copy(struct supervisor *s, const struct held *held, const struct record *record) {
    if (!s->has_upper || held->mount != s->root_mount || !is_link_like(held->mode)) return 1;
    supervisor_return_root(s); // which the kernel's name for the file begins at
    char path[SUPERVISOR_PATH];
    long length = RAW_4(SYS_readlinkat, AT_FDCWD, held->path, path, sizeof path - 1);
    if (length < 2 || path[0] != '/') return 0;
    path[length] = 0;
    struct held copy = {0};
    if (examine(&copy, UPPER, path + 1, AT_SYMLINK_NOFOLLOW) < 0) return 0;
    if ((copy.mode & S_IFMT) != (held->mode & S_IFMT)) return 0;
    if (copy.inode == held->inode) return 1;
    copy.device = 0; // as that of no file that a step sees
    copy.mount = held->mount;
    struct ledger_entry *entry = ledger_find(s, &copy);
    if (!entry) entry = add(s, copy.inode);
    if (!entry) return 1;
    entry->any_device = entry->in_root = 1;
    entry->born_seconds = copy.born_seconds;
    entry->born_nanoseconds = copy.born_nanoseconds;
    entry->record = *record;
    return 1;
}

void ledger_publish(struct supervisor *s) {
    size_t count = 0, bytes = s->ledger.live * sizeof *s->owners;
    if (!bytes) return;
    struct csandbox_owner *owners = take_memory(bytes);
    if (!owners) {
        s->result.dropped = 1;
        return;
    }
    for (size_t i = 0; i < s->ledger.capacity; i++) {
        const struct ledger_entry *entry = &s->ledger.entries[i];
        if (entry->state != LIVE || !entry->in_root || (!entry->record.uid && !entry->record.gid)) continue;
        owners[count++] = (struct csandbox_owner){
            .device = entry->device, .inode = entry->inode, .user = entry->record.uid, .group = entry->record.gid,
            .born_seconds = entry->born_seconds, .born_nanoseconds = entry->born_nanoseconds};
    }
    s->owners = owners;
    s->owner_bytes = bytes;
    s->owner_count = count;
}

void ledger_destroy(struct supervisor *s) {
    if (s->ledger.entries) RAW_2(SYS_munmap, s->ledger.entries, s->ledger.capacity * sizeof *s->ledger.entries);
    if (s->owners) RAW_2(SYS_munmap, s->owners, s->owner_bytes);
}

size_t csandbox_supervisor_owners(struct csandbox_supervisor *supervisor, const struct csandbox_owner **list) {
    struct supervisor *s = (struct supervisor *)supervisor;
    *list = s->owners;
    return s->owner_count;
}
