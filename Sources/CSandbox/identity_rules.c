#include "identity_rules.h"

#include <errno.h>

static int is_one_of(uint32_t id, uint32_t a, uint32_t b, uint32_t c) { return id == a || id == b || id == c; }

long identity_set(struct identity_ids *ids, uint32_t id, int privileged) {
    if (id == IDENTITY_KEEP) return -EINVAL;
    if (privileged)
        ids->real = ids->saved = id;
    else if (id != ids->real && id != ids->saved)
        return -EPERM;
    ids->effective = ids->fs = id;
    return 0;
}

long identity_set_real_effective(struct identity_ids *ids, uint32_t real, uint32_t effective, int privileged) {
    const struct identity_ids old = *ids;
    if (!privileged) {
        if (real != IDENTITY_KEEP && real != old.real && real != old.effective) return -EPERM;
        if (effective != IDENTITY_KEEP && !is_one_of(effective, old.real, old.effective, old.saved)) return -EPERM;
    }
    if (real != IDENTITY_KEEP) ids->real = real;
    if (effective != IDENTITY_KEEP) ids->effective = effective;
    if (real != IDENTITY_KEEP || (effective != IDENTITY_KEEP && effective != old.real)) ids->saved = ids->effective;
    ids->fs = ids->effective;
    return 0;
}

long identity_set_all(struct identity_ids *ids, uint32_t real, uint32_t effective, uint32_t saved, int privileged) {
    const struct identity_ids old = *ids;
    const int keeps_real = real == IDENTITY_KEEP || real == old.real;
    const int keeps_effective = effective == IDENTITY_KEEP || (effective == old.effective && effective == old.fs);
    const int keeps_saved = saved == IDENTITY_KEEP || saved == old.saved;
    // Since Linux 6.3 such a call does not even set the file system id to the effective one.
    if (keeps_real && keeps_effective && keeps_saved) return 0;
    if (!privileged) {
        const uint32_t wanted[3] = {real, effective, saved};
        for (int i = 0; i < 3; i++)
            if (wanted[i] != IDENTITY_KEEP && !is_one_of(wanted[i], old.real, old.effective, old.saved)) return -EPERM;
    }
    if (real != IDENTITY_KEEP) ids->real = real;
    if (effective != IDENTITY_KEEP) ids->effective = effective;
    if (saved != IDENTITY_KEEP) ids->saved = saved;
    ids->fs = ids->effective;
    return 0;
}

uint32_t identity_set_fs(struct identity_ids *ids, uint32_t id, int privileged) {
    const uint32_t old = ids->fs;
    if (id == IDENTITY_KEEP) return old;
    if (privileged || id == old || is_one_of(id, ids->real, ids->effective, ids->saved)) ids->fs = id;
    return old;
}

static int has_root(struct identity_ids ids) { return ids.real == 0 || ids.effective == 0 || ids.saved == 0; }

uint32_t identity_privileges_after(uint32_t privileges, struct identity_ids old, struct identity_ids new) {
    if (has_root(old) && !has_root(new) && !(privileges & IDENTITY_KEEPS)) return 0;
    if (old.effective == 0 && new.effective != 0) return privileges & ~(uint32_t)IDENTITY_EFFECTIVE;
    if (old.effective != 0 && new.effective == 0)
        return (privileges & ~(uint32_t)IDENTITY_EFFECTIVE) | (privileges >> IDENTITY_PERMITTED & IDENTITY_EFFECTIVE);
    return privileges;
}

uint32_t identity_privileges_executed(struct identity_ids users) {
    const uint32_t permitted = IDENTITY_EFFECTIVE << IDENTITY_PERMITTED;
    if (users.effective == 0) return permitted | IDENTITY_EFFECTIVE;
    return users.real == 0 ? permitted : 0;
}

static void sift_down(uint32_t *heap, size_t root, size_t count) {
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= count) return;
        if (child + 1 < count && heap[child] < heap[child + 1]) child++;
        if (heap[root] >= heap[child]) return;
        const uint32_t value = heap[root];
        heap[root] = heap[child];
        heap[child] = value;
        root = child;
    }
}

// Heap sort: a hostile list costs no more than any other.
void identity_sort_groups(uint32_t *groups, size_t count) {
    for (size_t root = count / 2; root-- > 0;) sift_down(groups, root, count);
    for (size_t end = count; end-- > 1;) {
        const uint32_t last = groups[end];
        groups[end] = groups[0];
        groups[0] = last;
        sift_down(groups, 0, end);
    }
}
