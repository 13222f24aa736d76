#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "identity_table.h"

#include "rawcall.h"
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>

void identity_task_path(char path[IDENTITY_TASK_PATH], uint32_t tid, const char *name) {
    char *end = append_number(path, tid);
    *end++ = '/';
    append_text(end, name);
}

// Identities --------------------------------------------------------------------------------------------------------

static uint32_t mix(uint32_t hash, uint32_t value) {
    hash = (hash ^ value) * 0x9e3779b1u;
    return hash ^ hash >> 15;
}

static int same_numbers(const uint32_t *a, const uint32_t *b, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (a[i] != b[i]) return 0;
    return 1;
}

// The list as it is in the pool, or NULL when there is no room for it.
static const uint32_t *intern_groups(struct identity_table *table, const uint32_t *groups, uint32_t count) {
    uint32_t hash = count;
    for (uint32_t i = 0; i < count; i++) hash = mix(hash, groups[i]);
    // There is an empty bucket: a list is added for an identity to be added.
    for (uint32_t bucket = hash % IDENTITY_BUCKETS;; bucket = (bucket + 1) % IDENTITY_BUCKETS) {
        const uint32_t found = table->group_buckets[bucket];
        if (found) {
            const uint32_t *list = table->pool + found - 1;
            if (list[0] == count && same_numbers(list + 1, groups, count)) return list + 1;
            continue;
        }
        if (table->count == IDENTITY_CAPACITY || count + 1 > IDENTITY_GROUP_POOL - table->pool_used) return 0;
        table->group_buckets[bucket] = table->pool_used + 1;
        uint32_t *list = table->pool + table->pool_used;
        table->pool_used += count + 1;
        list[0] = count;
        for (uint32_t i = 0; i < count; i++) list[1 + i] = groups[i];
        return list + 1;
    }
}

enum { ID_COUNT = 9 };

static void identity_numbers(const struct identity *identity, uint32_t numbers[ID_COUNT]) {
    const uint32_t ids[ID_COUNT] = {identity->ruid, identity->euid, identity->suid, identity->fsuid,
                                    identity->rgid, identity->egid, identity->sgid, identity->fsgid,
                                    identity->privileges};
    for (int i = 0; i < ID_COUNT; i++) numbers[i] = ids[i];
}

int32_t identity_index(struct identity_table *table, const struct identity *wanted) {
    uint32_t numbers[ID_COUNT], others[ID_COUNT];
    const uint32_t *groups = intern_groups(table, wanted->groups, wanted->group_count);
    if (!groups) return -ENOMEM;
    identity_numbers(wanted, numbers);
    uint32_t hash = (uint32_t)(groups - table->pool);
    for (int i = 0; i < ID_COUNT; i++) hash = mix(hash, numbers[i]);
    uint32_t bucket = hash % IDENTITY_BUCKETS;
    for (; table->buckets[bucket]; bucket = (bucket + 1) % IDENTITY_BUCKETS) {
        const uint32_t index = table->buckets[bucket] - 1;
        const struct identity *entry = &table->entries[index];
        identity_numbers(entry, others);
        if (entry->groups == groups && same_numbers(numbers, others, ID_COUNT)) return (int32_t)index;
    }
    if (table->count == IDENTITY_CAPACITY) return -ENOMEM;
    const uint32_t index = table->count++;
    table->entries[index] = *wanted;
    table->entries[index].groups = groups;
    table->buckets[bucket] = index + 1;
    return (int32_t)index;
}

// Marks -------------------------------------------------------------------------------------------------------------

static long open_slack(uint32_t tid) {
    char path[IDENTITY_TASK_PATH];
    identity_task_path(path, tid, "timerslack_ns");
    return RAW_4(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
}

// The index that the task's slack stands for, or -1 when it stands for none; -ESRCH when the task is gone.
static int32_t read_mark(const struct identity_table *table, long file) {
    char text[24];
    const long length = RAW_4(SYS_pread64, file, text, sizeof text, 0);
    if (length < 0) return length == -ESRCH ? -ESRCH : -1;
    uint64_t slack = 0;
    for (long i = 0; i < length && text[i] >= '0' && text[i] <= '9'; i++)
        slack = slack * 10 + (uint64_t)(text[i] - '0');
    if (slack < IDENTITY_SLACK || slack - IDENTITY_SLACK >= table->count) return -1;
    return (int32_t)(slack - IDENTITY_SLACK);
}

static long write_mark(long file, int32_t index) {
    char text[24];
    const char *end = append_number(text, (uint64_t)IDENTITY_SLACK + (uint64_t)index);
    // Not pwrite(2): the file has no positions to write at.
    const long result = RAW_3(SYS_write, file, text, end - text);
    return result < 0 ? result : 0;
}

static void forget(struct identity_task *task) {
    RAW_1(SYS_close, task->file);
    *task = (struct identity_task){0};
}

static struct identity_task *first_way(struct identity_table *table, uint32_t tid) {
    return &table->tasks[tid % (IDENTITY_TASKS / IDENTITY_WAYS) * IDENTITY_WAYS];
}

struct identity_task *identity_task_of(struct identity_table *table, uint32_t tid) {
    struct identity_task *way = first_way(table, tid);
    for (int i = 0; i < IDENTITY_WAYS; i++)
        if (way[i].tid == tid) return &way[i];
    return 0;
}

static struct identity_task *remember(struct identity_table *table, uint32_t tid) {
    const long file = open_slack(tid);
    if (file < 0) return 0;
    struct identity_task *way = first_way(table, tid), *chosen = 0;
    for (int i = 0; i < IDENTITY_WAYS && !chosen; i++)
        if (way[i].tid == 0) chosen = &way[i];
    for (int i = 0; i < IDENTITY_WAYS && !chosen; i++) {
        struct identity_task *task = &way[table->next_victim++ % IDENTITY_WAYS];
        // What is pending is kept as long as anything else can go.
        if (!task->execution.pending || i == IDENTITY_WAYS - 1) chosen = task;
    }
    if (chosen->tid) forget(chosen);
    *chosen = (struct identity_task){.tid = tid, .file = (int32_t)file};
    return chosen;
}

// If the kernel did not run the file after all, the task is whom it was before.
static int32_t settle_execution(struct identity_task *task, int32_t index) {
    const struct identity_execution pending = task->execution;
    task->execution = (struct identity_execution){0};
    if (index != pending.raised || !identity_runs_on(task->tid, &pending)) return index;
    return write_mark(task->file, pending.before) < 0 ? index : pending.before;
}

static int32_t index_by_mark(struct identity_table *table, uint32_t tid) {
    struct identity_task *task = identity_task_of(table, tid);
    int32_t index = task ? read_mark(table, task->file) : -ESRCH;
    if (index == -ESRCH) {
        if (task) forget(task);
        task = remember(table, tid);
        if (!task) return -1;
        index = read_mark(table, task->file);
    }
    if (index >= 0 && task->execution.pending) index = settle_execution(task, index);
    return index;
}

static int digit(char letter, uint32_t base) {
    int value = -1;
    if (letter >= '0' && letter <= '9') value = letter - '0';
    if (letter >= 'a' && letter <= 'f') value = letter - 'a' + 10;
    return value < (int)base ? value : -1;
}

// Where line `name` of `text` goes on, or `length`.
static long after_name(const char *text, long length, const char *name) {
    for (long at = 0; at < length; at++) {
        if (at > 0 && text[at - 1] != '\n') continue;
        long same = 0;
        while (name[same] && at + same < length && text[at + same] == name[same]) same++;
        if (!name[same]) return at + same;
    }
    return length;
}

int identity_status_numbers(uint32_t tid, const char *name, uint32_t base, uint64_t *numbers, int capacity) {
    char path[IDENTITY_TASK_PATH], text[2048];
    identity_task_path(path, tid, "status");
    const long file = RAW_4(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (file < 0) return 0;
    const long length = RAW_3(SYS_read, file, text, sizeof text);
    RAW_1(SYS_close, file);
    int count = 0, begins = 1;
    for (long at = after_name(text, length, name); at < length && text[at] != '\n'; at++) {
        const int value = digit(text[at], base);
        if (value >= 0 && begins) {
            if (count == capacity) break;
            numbers[count++] = 0;
        }
        begins = value < 0;
        if (value >= 0) numbers[count - 1] = numbers[count - 1] * base + (uint64_t)value;
    }
    return count;
}

uint64_t identity_status_number(uint32_t tid, const char *name, uint32_t base) {
    uint64_t numbers[40];
    const int count = identity_status_numbers(tid, name, base, numbers, 40);
    return count ? numbers[count - 1] : 0;
}

// A task may have lost its mark (real-time scheduling takes the slack away): it is then whom its process is, or else
// its parent.
int32_t identity_index_of(struct identity_table *table, uint32_t tid) {
    enum { GENERATIONS = 8 };
    uint32_t asked = tid;
    for (int i = 0; i < GENERATIONS && asked; i++) {
        const int32_t index = index_by_mark(table, asked);
        if (index >= 0) {
            if (asked != tid) identity_mark(table, tid, index);
            return index;
        }
        const uint32_t process = (uint32_t)identity_status_number(asked, "Tgid:", 10);
        asked = process && process != asked ? process : (uint32_t)identity_status_number(asked, "PPid:", 10);
    }
    return 0;
}

long identity_mark(struct identity_table *table, uint32_t tid, int32_t index) {
    struct identity_task *task = identity_task_of(table, tid);
    if (!task) task = remember(table, tid);
    if (!task) return -ESRCH;
    task->execution = (struct identity_execution){0};
    return write_mark(task->file, index);
}
