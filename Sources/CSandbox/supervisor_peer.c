// Whom a process finds at the other end of a socket: getsockopt(2) with SO_PEERCRED and SO_PEERGROUPS. PostgreSQL's
// "peer" authentication and D-Bus believe nothing else.
//
// The kernel keeps what the other end was when it connected. What we can tell is whom that process takes itself for
// now; of one that has ended, nothing.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "identity_table.h"

#include "rawcall.h"

#include <errno.h>
#include <sys/socket.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

enum { NAMESPACES_MAX = 33 }; // a process has a number in each pid namespace around it

// The asking task's socket, as a descriptor of our own.
static long borrow(uint32_t tid, int file) {
    const long process = RAW_2(SYS_pidfd_open, identity_status_number(tid, "Tgid:", 10), 0);
    if (process < 0) return process;
    const long borrowed = RAW_3(SYS_pidfd_getfd, process, file, 0);
    RAW_1(SYS_close, process);
    return borrowed;
}

// The number that `peer` has in the namespace of `tid`; 0 when it has none there.
static int32_t number_for(uint32_t tid, uint32_t peer) {
    uint64_t own[NAMESPACES_MAX], others[NAMESPACES_MAX];
    const int level = identity_status_numbers(tid, "NSpid:", 10, own, NAMESPACES_MAX);
    const int count = identity_status_numbers(peer, "NSpid:", 10, others, NAMESPACES_MAX);
    return level > 0 && level <= count ? (int32_t)others[level - 1] : 0;
}

static int64_t answer(const struct identity_asked *asked, const void *value, uint32_t length, uint32_t room) {
    const uint64_t *arguments = (const uint64_t *)asked->notice->data.args;
    const uint32_t count = length < room ? length : room;
    if (supervisor_write(asked->supervisor, asked->notice, arguments[3], value, count) < 0) return -EFAULT;
    return supervisor_write(asked->supervisor, asked->notice, arguments[4], &count, sizeof count);
}

static int64_t answer_groups(const struct identity_asked *asked, const struct identity *identity, uint32_t room) {
    const uint32_t length = identity->group_count * (uint32_t)sizeof *identity->groups;
    if (length <= room) return answer(asked, identity->groups, length, room);
    const uint64_t address = asked->notice->data.args[4];
    const int result = supervisor_write(asked->supervisor, asked->notice, address, &length, sizeof length);
    return result < 0 ? result : -ERANGE;
}

int identity_peer(const struct identity_asked *asked, int64_t *result) {
    const uint64_t *arguments = (const uint64_t *)asked->notice->data.args;
    const int option = (int)arguments[2];
    if ((int)arguments[1] != SOL_SOCKET || (option != SO_PEERCRED && option != SO_PEERGROUPS)) return 0;
    int32_t room;
    if (supervisor_read(asked->supervisor, asked->notice, arguments[4], &room, sizeof room) < 0 || room < 0) return 0;
    const long socket = borrow(asked->notice->pid, (int)arguments[0]);
    if (socket < 0) return 0;
    struct ucred peer;
    uint32_t length = sizeof peer;
    const long told = RAW_5(SYS_getsockopt, socket, SOL_SOCKET, SO_PEERCRED, &peer, &length);
    RAW_1(SYS_close, socket);
    // Nobody, one who has ended, and one from outside of the step are as the kernel says.
    if (told < 0 || peer.pid <= 0 || peer.uid != 0 || peer.gid != 0) return 0;
    const struct identity *identity = identity_of(asked->supervisor, (uint32_t)peer.pid);
    if (option == SO_PEERGROUPS) {
        *result = answer_groups(asked, identity, (uint32_t)room);
        return 1;
    }
    peer.pid = number_for(asked->notice->pid, (uint32_t)peer.pid);
    peer.uid = identity->euid;
    peer.gid = identity->egid;
    *result = answer(asked, &peer, sizeof peer, (uint32_t)room);
    return 1;
}
