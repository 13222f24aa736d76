// Capabilities that go with an identity. The kernel's own sets are uid 0's, and stay; what it would have taken from
// another user is hidden, and refused, because programs ask what they still may: before setresuid (setpriv), and to see
// that they may no longer (libcap-ng).
#include "identity_table.h"

#include <errno.h>
#include <linux/capability.h>

#define OURS ((uint64_t)1 << CAP_SETGID | (uint64_t)1 << CAP_SETUID)
_Static_assert(CAP_SETUID == CAP_SETGID + 1, "both bits move at once");

// The number of 32-bit halves in each set; 0: a version that the kernel will say something about.
static int halves(uint32_t version) {
    if (version == _LINUX_CAPABILITY_VERSION_1) return _LINUX_CAPABILITY_U32S_1;
    if (version == _LINUX_CAPABILITY_VERSION_2) return _LINUX_CAPABILITY_U32S_2;
    return version == _LINUX_CAPABILITY_VERSION_3 ? _LINUX_CAPABILITY_U32S_3 : 0;
}

static int read_header(const struct identity_asked *asked, struct __user_cap_header_struct *header) {
    const uint64_t address = asked->notice->data.args[0];
    if (supervisor_read(asked->supervisor, asked->notice, address, header, sizeof *header) < 0) return 0;
    if (header->pid == 0) return halves(header->version);
    // Another process, by its number in its own namespace: it is shown as the kernel has it.
    if ((uint64_t)header->pid != identity_status_number(asked->notice->pid, "NSpid:", 10)) return 0;
    return halves(header->version);
}

// A set as the bits of identity_rules.h.
static uint32_t summary(uint64_t set) {
    return (uint32_t)(set >> CAP_SETGID & (IDENTITY_MAY_SET_GROUP | IDENTITY_MAY_SET_USER)) |
           (set & ~OURS ? IDENTITY_MAY_MORE : 0);
}

// What there is in `set` of the kernel's, which is in its `permitted`, for who has these bits.
static uint64_t visible(uint64_t set, uint64_t permitted, uint32_t bits) {
    const uint64_t ours = (uint64_t)(bits & (IDENTITY_MAY_SET_GROUP | IDENTITY_MAY_SET_USER)) << CAP_SETGID;
    return (bits & IDENTITY_MAY_MORE ? set & ~OURS : 0) | (permitted & ours);
}

int identity_set_capabilities(const struct identity_asked *asked, int64_t *result) {
    struct __user_cap_header_struct header;
    struct __user_cap_data_struct data[2] = {0};
    const int count = read_header(asked, &header);
    if (!count) return 0;
    const size_t size = (size_t)count * sizeof *data;
    if (supervisor_read(asked->supervisor, asked->notice, asked->notice->data.args[1], data, size) < 0) return 0;
    const uint64_t permitted_set = data[0].permitted | (uint64_t)data[1].permitted << 32;
    const uint64_t effective_set = data[0].effective | (uint64_t)data[1].effective << 32;
    const uint32_t permitted = summary(permitted_set), effective = summary(effective_set);
    struct identity new = *asked->old;
    *result = -EPERM;
    if (permitted & ~(new.privileges >> IDENTITY_PERMITTED)) return 1;
    if (effective_set & ~permitted_set) return 1;
    new.privileges = (new.privileges & IDENTITY_KEEPS) | permitted << IDENTITY_PERMITTED | effective;
    *result = identity_become(asked, &new);
    return *result < 0; // otherwise the kernel sets its own sets, too
}

int identity_get_capabilities(const struct identity_asked *asked, int64_t *result) {
    const uint32_t effective = asked->old->privileges & IDENTITY_EFFECTIVE;
    const uint32_t permitted = asked->old->privileges >> IDENTITY_PERMITTED & IDENTITY_EFFECTIVE;
    const uint64_t address = asked->notice->data.args[1];
    const uint32_t tid = asked->notice->pid;
    struct __user_cap_header_struct header;
    if (!address) return 0;
    const int count = read_header(asked, &header);
    if (!count) return 0;
    const uint64_t kernel_effective = identity_status_number(tid, "CapEff:", 16);
    const uint64_t kernel_permitted = identity_status_number(tid, "CapPrm:", 16);
    const uint64_t sets[3] = {visible(kernel_effective, kernel_permitted, effective),
                              visible(kernel_permitted, kernel_permitted, permitted),
                              identity_status_number(tid, "CapInh:", 16)};
    struct __user_cap_data_struct data[2];
    for (int half = 0; half < 2; half++) {
        data[half].effective = (uint32_t)(sets[0] >> (32 * half));
        data[half].permitted = (uint32_t)(sets[1] >> (32 * half));
        data[half].inheritable = (uint32_t)(sets[2] >> (32 * half));
    }
    *result = supervisor_write(asked->supervisor, asked->notice, address, data, (size_t)count * sizeof *data);
    return 1;
}
