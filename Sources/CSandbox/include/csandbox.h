// Starts one command behind a list of plain operations (mount, pivot_root, drop capabilities, ...), from a process that
// may have any number of threads.
//
// Three processes take part. The caller; the *guard*, a clone that shares the caller's memory but nothing else and
// stays outside of every sandbox; and the *step*, the guard's child, in new namespaces when asked for. Guard and step
// run only the code of this file: raw system calls, no allocation, no lock, no errno (it would be the caller's).
// The guard lives as long as the step and kills it when the caller asks, or when the caller is gone: neither a
// set-user-ID program nor prctl(2) in the step can call that off, as they can a parent-death signal.
#ifndef CSANDBOX_H
#define CSANDBOX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What an operation does. Fields not named are ignored.
enum csandbox_kind {
    CSANDBOX_MOUNT = 1,       // mount(a, b, c, n1, d)
    CSANDBOX_OVERLAY,         // overlay at `a` by fsopen(2); list: key, value, ...; an empty value: a flag
    CSANDBOX_MASK,            // hides `a`: /dev/null over a file, an empty read-only tmpfs over a directory
    CSANDBOX_READ_ONLY,       // makes what is mounted at or below `a` read-only by a bind mount of itself
    CSANDBOX_PIVOT_ROOT,      // pivot_root(".", ".") and detaches the old root
    CSANDBOX_CHROOT,          // chroot(a), then chdir("/")
    CSANDBOX_CHANGE_DIRECTORY,
    CSANDBOX_ENTER,           // chdir(a), and refuses a place that is outside of the root
    CSANDBOX_MAKE_DIRECTORY,  // mkdir(a), then mode n1 whatever the umask
    CSANDBOX_REMOVE_DIRECTORY,
    CSANDBOX_MAKE_NODE,       // mknod(a), then mode n1 whatever the umask; device n2:n3
    CSANDBOX_SYMLINK,         // symlink(a, b)
    CSANDBOX_MAKE_FILE,       // an empty file `a`
    CSANDBOX_WRITE,           // a new file `a` with `length` bytes of `data`, mode n1
    CSANDBOX_EXPECT,          // fails with ENOTSUP unless the file system at `a` has magic number n1
    CSANDBOX_OPEN_TREE,       // takes hold of `b` beneath directory `a`, to be attached later, as number n1; n2: with
                              // all that is mounted below
    CSANDBOX_MAKE_TMPFS,      // the same of a new tmpfs, or file system `a`, with MOUNT_ATTR_* bits n2; list: key, value, ...
    CSANDBOX_ATTACH,          // mounts number n1 on `a`, with MOUNT_ATTR_* bits n2; n3: on all that is mounted below, too
    CSANDBOX_RESTRICT,        // adds MOUNT_ATTR_* bits n1 to the mount at `a`, and takes none away
    CSANDBOX_EXPECT_DEVICE,   // fails with ENODEV unless `a` is the character device n1:n2, and can be opened
    CSANDBOX_CLAIM,           // gives `a` to user n1 and group n2 as the step's command would, and fails unless it shows
    CSANDBOX_OWN,             // gives `a` to user n1 and group n2
    CSANDBOX_HOSTNAME,        // sethostname(data, length)
    CSANDBOX_LOOPBACK,        // brings the interface `lo` up
    CSANDBOX_UMASK,           // umask(n1)
    CSANDBOX_LIMIT,           // lowers the soft limit of resource n1 to n2
    CSANDBOX_SET_LIMIT,       // sets the soft limit of resource n1 to n2 and the hard one to n3
    CSANDBOX_AFFINITY,        // runs on the processors of the mask `data` of `length` bytes only
    CSANDBOX_STORE,           // writes `length` bytes of `data` to the file `a`, which is there, in one write(2); n1: or does not
    CSANDBOX_CONTROL,         // prctl(n1, n2, n3, 0, 0)
    CSANDBOX_BOUNDING,        // drops every capability from the bounding set that is not in n1
    CSANDBOX_CAPABILITIES,    // effective = permitted = permitted & n1, inheritable = ambient = none
    CSANDBOX_GROUPS,          // setgroups(length, data)
    CSANDBOX_GROUP,           // setresgid(n1, n1, n1)
    CSANDBOX_USER,            // setresuid(n1, n1, n1)
    CSANDBOX_SECCOMP,         // installs a filter of `length` instructions at `data`
    CSANDBOX_CHECK_EXECUTABLE, // refuses executables that lead, by link or by "#!", through a magic link of /proc
    CSANDBOX_SUPERVISE        // from here on `step->supervisor` answers for owners, identities, devices, capabilities
};

// An owner that its file system cannot keep: a symbolic link, FIFO or socket takes no user.* attribute.
struct csandbox_owner {
    uint64_t device, inode; // as the step sees them; an overlay's inode numbers are those of the layer below
    uint32_t user, group;
    int64_t born_seconds; // 0: not known. Numbers are given anew when a file is gone, times of birth are not
    uint32_t born_nanoseconds;
};

// How far the making of a supervisor came: `failed_at` of struct csandbox_supervisor.
enum csandbox_stage {
    CSANDBOX_STAGE_PROCESS = 1, // making the process
    CSANDBOX_STAGE_PROC,        // opening /proc, the builder's own
    CSANDBOX_STAGE_FILTER,      // installing the filter; EBUSY: another supervisor listens already, EINVAL: before Linux 5.5
    CSANDBOX_STAGE_LISTENER,    // taking hold of the listener (pidfd_getfd, Linux 5.6)
    CSANDBOX_STAGE_NAMESPACE,   // entering the step's user and mount namespaces (setns on a pidfd, Linux 5.8)
    CSANDBOX_STAGE_MEMORY,      // reading the step's memory (process_vm_readv)
    CSANDBOX_STAGE_IDENTITY,    // marking the first process with its identity
    CSANDBOX_STAGE_SERVICE      // it served, and ended before the step did
};

// Answers the step's system calls about owners, modes, devices, capabilities and identities, where the step has one
// real user only. A process of the guard's, in the step's user and mount namespaces, with the caller's memory.
struct csandbox_supervisor {
    // To be read after csandbox_finish.
    int32_t failed_at; // an enum csandbox_stage; 0: nothing failed
    int32_t failure;   // errno of that
    int32_t dropped;   // 1 when there were more owners of links than memory for them: what is left is incomplete
    int32_t reserved;
};

struct csandbox_operation {
    uint32_t kind;
    int32_t tolerated; // an errno value that counts as success, or 0
    const char *a, *b, *c, *d;
    const char *const *list; // ends with NULL
    const void *data;
    size_t length;
    uint64_t n1, n2, n3;
};

struct csandbox_step {
    // Set by the caller, and left alone until csandbox_finish has returned.
    const struct csandbox_operation *operations;
    size_t operation_count;
    const char *const *executables; // tried in order, as execvp(3) does; NULL: the step ends with status 0 instead
    char *const *arguments;
    char *const *environment;
    uint64_t namespaces; // CLONE_NEW* bits
    int subreaper;       // no pid namespace: the guard collects every descendant, and kills it at the end
    int input, output, error; // become descriptors 0, 1 and 2; there are no others
    int control;         // a pipe's read end: a byte, or the end of file, kills the step
    int waits_for_map;   // the step waits for csandbox_release before the first operation
    uint64_t timeout;    // nanoseconds after which the guard kills the step; 0: never
    const char *const *groups; // directories of control groups of the step's own, which the guard removes should the
                               // caller not be there any more to do it; ends with NULL. NULL: none
    struct csandbox_supervisor *supervisor; // starts to serve at CSANDBOX_SUPERVISE; NULL: none

    // Set by csandbox_start.
    pid_t guard;
    int guard_descriptor; // a pidfd, readable when all is over; -1 where the kernel has none
    void *stacks;

    // Written by guard and step; to be read after csandbox_finish.
    int32_t step;       // its process id as the caller sees it; 0 until there is one
    uint32_t released;
    int32_t failed_at;  // index of the operation that failed; `operation_count`: execve; -1: making the process;
                        // -2: the supervisor ended too early
    int32_t failure;    // errno of that, or 0
    int32_t finished;   // 1 when `status` is the step's wait status
    int32_t status;
    int32_t timed_out;  // 1 when the guard killed the step because of `timeout`
    uint64_t processor_time; // nanoseconds, of all processes of the step that were waited for
    char message[200];  // what the kernel said about a failed mount, when it says something
    int32_t guard_pidfd_of_step, owner;
};

// A supervisor for one step, which begins as 0:0 without further groups; NULL when there is no memory. To be destroyed
// after csandbox_finish.
struct csandbox_supervisor *csandbox_supervisor_create(void);
void csandbox_supervisor_destroy(struct csandbox_supervisor *supervisor);

// Before the start: who owns a symbolic link, FIFO or socket that the step finds in its root, when it is not 0:0.
// `inode` is the number in the layer's own directory; `device` is not looked at, because an overlay has its own.
// 0 or an errno value.
int csandbox_supervisor_add_owner(struct csandbox_supervisor *supervisor, uint64_t device, uint64_t inode,
                                  uint32_t user, uint32_t group);

// Before the start: the upper directory of the overlay that the step has as its root; an absolute path, left alone until
// csandbox_finish has returned. Owners of what the overlay copied are then also given by the numbers of the copies.
void csandbox_supervisor_set_upper(struct csandbox_supervisor *supervisor, const char *path);

// Before the start: whom the step's first process takes itself for. 0 or an errno value.
int csandbox_supervisor_set_identity(struct csandbox_supervisor *supervisor, uint32_t user, uint32_t group,
                                     const uint32_t *groups, size_t count);

// After csandbox_finish: the owners other than 0:0 of such files in the step's root file system, those that were added
// before included, unless the step removed the file. The list belongs to the supervisor.
size_t csandbox_supervisor_owners(struct csandbox_supervisor *supervisor, const struct csandbox_owner **list);

// Starts guard and step. 0, or an errno value when not even the guard could be made.
int csandbox_start(struct csandbox_step *step);

// The step's process id, as soon as it has one; 0 when it could not be made. Only with `waits_for_map`.
pid_t csandbox_await(struct csandbox_step *step);

// Lets a step go on that waits for its id map.
void csandbox_release(struct csandbox_step *step);

// Waits until guard and step are gone, and releases what csandbox_start took. 0 or an errno value.
int csandbox_finish(struct csandbox_step *step);

#endif
