#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "operations.h"
#include "rawcall.h"
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

static long raw_close(long file) { return RAW_1(SYS_close, file); }

static long raw_mount(const char *source, const char *target, const char *type, uint64_t flags, const char *data) {
    return RAW_5(SYS_mount, source, target, type, flags, data);
}

// Keeps the first line that the kernel has to say about a file system it will not mount.
static void keep_message(struct csandbox_step *step, long context) {
    long count = RAW_3(SYS_read, context, step->message, sizeof step->message - 1);
    step->message[count > 0 ? count : 0] = 0;
}

static long mount_overlay(struct csandbox_step *step, const char *target, const char *const *options) {
    long context = RAW_2(SYS_fsopen, "overlay", 1 /* FSOPEN_CLOEXEC */);
    if (context < 0) return context;
    long result = 0;
    for (; *options && result >= 0; options += 2)
        result = RAW_5(SYS_fsconfig, context, options[1][0] ? 1 : 0 /* FSCONFIG_SET_STRING, _FLAG */, options[0],
                       options[1][0] ? options[1] : 0, 0);
    if (result >= 0) result = RAW_5(SYS_fsconfig, context, 6 /* FSCONFIG_CMD_CREATE */, 0, 0, 0);
    if (result >= 0) result = RAW_3(SYS_fsmount, context, 1 /* FSMOUNT_CLOEXEC */, 4 /* MOUNT_ATTR_NODEV */);
    if (result >= 0) {
        long tree = result;
        result = RAW_5(SYS_move_mount, tree, "", AT_FDCWD, target, 4 /* MOVE_MOUNT_F_EMPTY_PATH */);
        raw_close(tree);
    }
    if (result < 0) keep_message(step, context);
    raw_close(context);
    return result;
}

// Where mounts wait that are not attached yet: above the descriptors that come and go. They close when the command
// starts.
enum { FIRST_TREE = 64, LAST_TREE = 512, BIND_ATTRIBUTES = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC };

static long keep_tree(long tree, uint64_t number) {
    if (tree < 0) return tree;
    long result = number > LAST_TREE - FIRST_TREE
                      ? -EMFILE
                      : RAW_3(SYS_dup3, tree, FIRST_TREE + number, O_CLOEXEC);
    raw_close(tree);
    return result < 0 ? result : 0;
}

// Whatever `path` holds, and whoever changes it meanwhile, it does not lead out of `directory`.
static long open_beneath(const char *directory, const char *path) {
    long root = RAW_4(SYS_openat, AT_FDCWD, directory, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (root < 0) return root;
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    long file;
    do {
        file = RAW_4(SYS_openat2, root, path[0] ? path : ".", &how, sizeof how);
    } while (file == -EAGAIN);
    raw_close(root);
    return file;
}

static long take_tree(const struct csandbox_operation *operation) {
    long file = open_beneath(operation->a, operation->b);
    if (file < 0) return file;
    // OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH
    long tree = RAW_3(SYS_open_tree, file, "", 1 | O_CLOEXEC | AT_EMPTY_PATH | (operation->n2 ? AT_RECURSIVE : 0));
    raw_close(file);
    return keep_tree(tree, operation->n1);
}

static long make_tmpfs(struct csandbox_step *step, const struct csandbox_operation *operation) {
    long context = RAW_2(SYS_fsopen, operation->a ? operation->a : "tmpfs", 1 /* FSOPEN_CLOEXEC */);
    if (context < 0) return context;
    long result = 0;
    for (const char *const *option = operation->list; *option && result >= 0; option += 2)
        result = RAW_5(SYS_fsconfig, context, 1 /* FSCONFIG_SET_STRING */, option[0], option[1], 0);
    if (result >= 0) result = RAW_5(SYS_fsconfig, context, 6 /* FSCONFIG_CMD_CREATE */, 0, 0, 0);
    if (result >= 0) result = RAW_3(SYS_fsmount, context, 1 /* FSMOUNT_CLOEXEC */, operation->n2);
    if (result < 0) keep_message(step, context);
    raw_close(context);
    return keep_tree(result, operation->n1);
}

// `recursive` is 0 or AT_RECURSIVE.
static long set_attributes(long tree, const char *target, uint64_t attributes, long recursive) {
    struct { // struct mount_attr of linux/mount.h, which older headers lack
        uint64_t set, clear, propagation, user_namespace;
    } wanted = {.set = attributes};
    if (!attributes) return 0;
    long result = RAW_5(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | recursive, &wanted, sizeof wanted);
    if (result != -ENOSYS || recursive) return result;
    // Before Linux 5.12. The bits are those of mount(2), which sets them all at once: a user namespace may take none
    // away that came from outside.
    struct statfs status;
    result = RAW_2(SYS_fstatfs, tree, &status);
    if (result < 0) return result;
    attributes |= (uint64_t)status.f_flags;
    return raw_mount(0, target, 0, MS_REMOUNT | MS_BIND | (attributes & BIND_ATTRIBUTES), 0);
}

static long restrict_mount(const char *target, uint64_t attributes) {
    long tree = RAW_4(SYS_openat, AT_FDCWD, target, O_PATH | O_CLOEXEC, 0);
    if (tree < 0) return tree;
    long result = set_attributes(tree, target, attributes, 0);
    raw_close(tree);
    return result;
}

// The target is looked up in the step's own root, which nothing leads out of. A link in what was mounted before may
// still lead to a file system of the kernel, and that is no place for a mount.
static long attach(const struct csandbox_operation *operation) {
    long tree = FIRST_TREE + (long)operation->n1;
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
    long target = RAW_4(SYS_openat2, AT_FDCWD, operation->a, &how, sizeof how);
    if (target < 0) return target;
    struct statfs status;
    long result = RAW_2(SYS_fstatfs, target, &status);
    if (result >= 0 && (status.f_type == 0x9fa0 /* proc */ || status.f_type == 0x62656572 /* sysfs */))
        result = -EXDEV;
    // MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH
    if (result >= 0) result = RAW_5(SYS_move_mount, tree, "", target, "", 0x4 | 0x40);
    if (result >= 0) result = set_attributes(tree, operation->a, operation->n2, operation->n3 ? AT_RECURSIVE : 0);
    raw_close(target);
    raw_close(tree);
    return result;
}

static long make_file(const char *path) {
    long file = RAW_4(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (file >= 0) raw_close(file);
    return file < 0 ? file : 0;
}

static long mask(const char *target) {
    long result = raw_mount("/dev/null", target, 0, MS_BIND, 0);
    if (result == -ENOTDIR)
        result = raw_mount("tmpfs", target, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0k,mode=755");
    return result;
}

static long make_read_only(const char *target) {
    long result = raw_mount(target, target, 0, MS_BIND | MS_REC, 0);
    if (result < 0) return result;
    long tree = RAW_4(SYS_openat, AT_FDCWD, target, O_PATH | O_CLOEXEC, 0);
    if (tree < 0) return tree;
    result = set_attributes(tree, target, BIND_ATTRIBUTES, AT_RECURSIVE);
    if (result == -ENOSYS) result = set_attributes(tree, target, BIND_ATTRIBUTES, 0);
    raw_close(tree);
    return result;
}

static long pivot_root_here(void) {
    // pivot_root(".", ".") puts the old root on top of the new one; the unmount takes it away again.
    long result = RAW_2(SYS_pivot_root, ".", ".");
    if (result < 0) return result;
    result = RAW_2(SYS_umount2, ".", MNT_DETACH);
    if (result < 0) return result;
    return RAW_1(SYS_chdir, "/");
}

static long enter(const char *path) {
    char where[4096];
    long result = RAW_1(SYS_chdir, path);
    if (result < 0) return result;
    result = RAW_2(SYS_getcwd, where, sizeof where);
    if (result < 0) return result;
    // The kernel says "(unreachable)/..." for a directory outside of the root (CVE-2024-21626).
    return where[0] == '/' ? 0 : -EXDEV;
}

static long write_file(const struct csandbox_operation *operation) {
    long file = RAW_4(SYS_openat, AT_FDCWD, operation->a, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) return file;
    const char *bytes = operation->data;
    size_t left = operation->length;
    long result = 0;
    while (left > 0) {
        result = RAW_3(SYS_write, file, bytes, left);
        if (result == -EINTR) continue;
        if (result < 0) break;
        bytes += result;
        left -= (size_t)result;
    }
    if (result >= 0) result = RAW_2(SYS_fchmod, file, operation->n1);
    raw_close(file);
    return result;
}

static long make_node(const struct csandbox_operation *operation) {
    mode_t mode = (mode_t)operation->n1;
    dev_t device = makedev((unsigned)operation->n2, (unsigned)operation->n3);
    long result = RAW_4(SYS_mknodat, AT_FDCWD, operation->a, mode, device);
    if (result < 0) return result;
    return RAW_3(SYS_fchmodat, AT_FDCWD, operation->a, mode & 07777);
}

static long make_directory(const char *path, mode_t mode) {
    long result = RAW_3(SYS_mkdirat, AT_FDCWD, path, mode);
    if (result < 0) return result;
    return RAW_3(SYS_fchmodat, AT_FDCWD, path, mode);
}

static long expect_file_system(const char *path, uint64_t magic) {
    struct statfs status;
    long result = RAW_2(SYS_statfs, path, &status);
    if (result < 0) return result;
    return (uint64_t)status.f_type == magic ? 0 : -ENOTSUP;
}

static long expect_device(const char *path, uint64_t major, uint64_t minor) {
    struct stat status;
    long result = RAW_4(SYS_newfstatat, AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW);
    if (result < 0) return result;
    if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev((unsigned)major, (unsigned)minor)) return -ENODEV;
    long file = RAW_4(SYS_openat, AT_FDCWD, path, O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (file == -ENXIO) return 0; // /dev/tty without a terminal
    if (file >= 0) raw_close(file);
    return file < 0 ? file : 0;
}

static long claim(const char *path, uid_t user, gid_t group) {
    struct stat status;
    long result = RAW_5(SYS_fchownat, AT_FDCWD, path, user, group, AT_SYMLINK_NOFOLLOW);
    if (result >= 0) result = RAW_4(SYS_newfstatat, AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW);
    if (result < 0) return result;
    return status.st_uid == user && status.st_gid == group ? 0 : -EPERM;
}

static long bring_loopback_up(void) {
    long socket = RAW_3(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return socket;
    struct ifreq request = {.ifr_name = "lo"};
    long result = RAW_3(SYS_ioctl, socket, SIOCGIFFLAGS, &request);
    if (result >= 0) {
        request.ifr_flags |= IFF_UP | IFF_RUNNING;
        result = RAW_3(SYS_ioctl, socket, SIOCSIFFLAGS, &request);
    }
    raw_close(socket);
    return result;
}

static long lower_limit(uint64_t resource, uint64_t soft) {
    struct rlimit64 limit;
    long result = RAW_4(SYS_prlimit64, 0, resource, 0, &limit);
    if (result < 0) return result;
    if (soft >= limit.rlim_cur) return 0;
    limit.rlim_cur = soft;
    return RAW_4(SYS_prlimit64, 0, resource, &limit, 0);
}

static long set_limit(uint64_t resource, uint64_t soft, uint64_t hard) {
    struct rlimit64 limit = {.rlim_cur = soft, .rlim_max = hard};
    return RAW_4(SYS_prlimit64, 0, resource, &limit, 0);
}

static long store(const struct csandbox_operation *operation) {
    long file = RAW_4(SYS_openat, AT_FDCWD, operation->a, O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0);
    long result = file < 0 ? file : RAW_3(SYS_write, file, operation->data, operation->length);
    if (file >= 0) raw_close(file);
    return operation->n1 ? 0 : result;
}

static long drop_from_bounding_set(uint64_t kept) {
    for (unsigned capability = 0; capability < 64; capability++) {
        long present = RAW_5(SYS_prctl, PR_CAPBSET_READ, capability, 0, 0, 0);
        if (present == -EINVAL) break; // beyond the last one that this kernel knows
        if (present != 1 || (kept >> capability & 1)) continue;
        long result = RAW_5(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0);
        if (result < 0) return result;
    }
    return 0;
}

static long set_capabilities(uint64_t kept) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct sets[2];
    long result = RAW_2(SYS_capget, &header, sets);
    if (result < 0) return result;
    for (int half = 0; half < 2; half++) {
        uint32_t wanted = (uint32_t)(kept >> (32 * half));
        sets[half].permitted &= wanted;
        sets[half].effective = sets[half].permitted;
        sets[half].inheritable = 0;
    }
    result = RAW_2(SYS_capset, &header, sets);
    if (result < 0) return result;
    result = RAW_5(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return result == -EINVAL ? 0 : result; // no ambient set before Linux 4.3
}

// The kernel would follow /proc/self/exe, as the executable or as the interpreter of a script, to the program that is
// running now: the builder, on the host's file system (CVE-2019-5736). `interpreters` bounds the chain as the kernel
// does.
static long check_executable(const char *path) {
    char head[256];
    for (int interpreters = 0; interpreters < 6; interpreters++) {
        struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
        long file = RAW_4(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
        if (file == -ELOOP) return -ELOOP;
        if (file < 0) return 0; // execve will say what is wrong with it
        long count = RAW_3(SYS_read, file, head, sizeof head - 1);
        raw_close(file);
        if (count < 3 || head[0] != '#' || head[1] != '!') return 0;
        head[count] = 0;
        char *start = head + 2;
        while (*start == ' ' || *start == '\t') start++;
        char *end = start;
        while (*end && *end != ' ' && *end != '\t' && *end != '\n') end++;
        *end = 0;
        size_t length = (size_t)(end - start);
        for (size_t i = 0; i <= length; i++) head[i] = start[i];
        path = head;
    }
    return 0;
}

static long check_executables(const char *const *paths) {
    for (; paths && *paths; paths++) {
        long result = check_executable(*paths);
        if (result < 0) return result;
    }
    return 0;
}

static long install_filter(const struct csandbox_operation *operation) {
    struct sock_fprog program = {.len = (unsigned short)operation->length, .filter = (void *)(uintptr_t)operation->data};
    return RAW_3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

long csandbox_perform(struct csandbox_step *step, const struct csandbox_operation *o) {
    switch ((enum csandbox_kind)o->kind) {
    case CSANDBOX_MOUNT: return raw_mount(o->a, o->b, o->c, o->n1, o->d);
    case CSANDBOX_OVERLAY: return mount_overlay(step, o->a, o->list);
    case CSANDBOX_MASK: return mask(o->a);
    case CSANDBOX_READ_ONLY: return make_read_only(o->a);
    case CSANDBOX_PIVOT_ROOT: return pivot_root_here();
    case CSANDBOX_CHROOT: {
        long result = RAW_1(SYS_chroot, o->a);
        return result < 0 ? result : RAW_1(SYS_chdir, "/");
    }
    case CSANDBOX_CHANGE_DIRECTORY: return RAW_1(SYS_chdir, o->a);
    case CSANDBOX_ENTER: return enter(o->a);
    case CSANDBOX_MAKE_DIRECTORY: return make_directory(o->a, (mode_t)o->n1);
    case CSANDBOX_REMOVE_DIRECTORY: return RAW_3(SYS_unlinkat, AT_FDCWD, o->a, AT_REMOVEDIR);
    case CSANDBOX_MAKE_NODE: return make_node(o);
    case CSANDBOX_SYMLINK: return RAW_3(SYS_symlinkat, o->a, AT_FDCWD, o->b);
    case CSANDBOX_WRITE: return write_file(o);
    case CSANDBOX_MAKE_FILE: return make_file(o->a);
    case CSANDBOX_OPEN_TREE: return take_tree(o);
    case CSANDBOX_MAKE_TMPFS: return make_tmpfs(step, o);
    case CSANDBOX_ATTACH: return attach(o);
    case CSANDBOX_RESTRICT: return restrict_mount(o->a, o->n1);
    case CSANDBOX_EXPECT_DEVICE: return expect_device(o->a, o->n1, o->n2);
    case CSANDBOX_CLAIM: return claim(o->a, (uid_t)o->n1, (gid_t)o->n2);
    case CSANDBOX_OWN:
        if (step->supervisor)
            return supervisor_own((struct supervisor *)step->supervisor, o->a, (uint32_t)o->n1, (uint32_t)o->n2);
        return RAW_5(SYS_fchownat, AT_FDCWD, o->a, o->n1, o->n2, AT_SYMLINK_NOFOLLOW);
    case CSANDBOX_EXPECT: return expect_file_system(o->a, o->n1);
    case CSANDBOX_HOSTNAME: return RAW_2(SYS_sethostname, o->data, o->length);
    case CSANDBOX_LOOPBACK: return bring_loopback_up();
    case CSANDBOX_UMASK: return RAW_1(SYS_umask, o->n1);
    case CSANDBOX_LIMIT: return lower_limit(o->n1, o->n2);
    case CSANDBOX_SET_LIMIT: return set_limit(o->n1, o->n2, o->n3);
    case CSANDBOX_AFFINITY: return RAW_3(SYS_sched_setaffinity, 0, o->length, o->data);
    case CSANDBOX_STORE: return store(o);
    case CSANDBOX_CONTROL: return RAW_5(SYS_prctl, o->n1, o->n2, o->n3, 0, 0);
    case CSANDBOX_BOUNDING: return drop_from_bounding_set(o->n1);
    case CSANDBOX_CAPABILITIES: return set_capabilities(o->n1);
    case CSANDBOX_GROUPS: return RAW_2(SYS_setgroups, o->length, o->data);
    case CSANDBOX_GROUP: return RAW_3(SYS_setresgid, o->n1, o->n1, o->n1);
    case CSANDBOX_USER: return RAW_3(SYS_setresuid, o->n1, o->n1, o->n1);
    case CSANDBOX_SECCOMP: return install_filter(o);
    case CSANDBOX_SUPERVISE: return supervisor_install((struct supervisor *)step->supervisor);
    case CSANDBOX_CHECK_EXECUTABLE: return check_executables(step->executables);
    }
    return -ENOSYS;
}
