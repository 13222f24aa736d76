/// A seccomp filter that refuses system calls, as container runtimes install one: a C program that installs it and then
/// becomes the command that follows.
struct SystemCallFilter {
    /// Answered with EPERM.
    var refused: [String]
    /// Whether clone(2) with flags of namespaces is refused too, and clone3(2), whose flags no filter can see, is answered
    /// with ENOSYS.
    var refusesNamespaces = false
    /// Answered with EACCES, as AppArmor answers.
    var denied: [String] = []

    /// What Docker's default profile, which is Kubernetes' RuntimeDefault, refuses a container without CAP_SYS_ADMIN.
    static let docker = SystemCallFilter(
        refused: [
            "unshare", "setns", "mount", "umount2", "pivot_root", "mount_setattr", "open_tree", "move_mount", "fsopen",
            "fsconfig", "fsmount", "fspick", "sethostname", "setdomainname", "bpf", "perf_event_open", "keyctl",
            "add_key", "request_key", "userfaultfd", "quotactl", "swapon", "swapoff", "syslog", "kexec_load",
            "init_module", "delete_module", "open_by_handle_at",
        ], refusesNamespaces: true)

    /// A script that compiles the program to the path `place`.
    func compilation(to place: String) -> String {
        """
        cat >\(place).c <<'END_OF_PROGRAM'
        \(source)
        END_OF_PROGRAM
        gcc -o \(place) \(place).c
        """
    }

    private var source: String {
        """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <sched.h>
        #include <stddef.h>
        #include <stdio.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        #define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
        #define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, value)
        #define ON(number, value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), ANSWER(value)
        int main(int count, char **words) {
            struct sock_filter filter[] = {
                LOAD(nr),
        \(refused.map { Self.line($0, "EPERM") }.joined(separator: "\n"))
        \(denied.map { Self.line($0, "EACCES") }.joined(separator: "\n"))
        \(refusesNamespaces ? Self.namespaces : "")
                ANSWER(SECCOMP_RET_ALLOW),
            };
            struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
            (void)count;
            if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) { perror("seccomp"); return 1; }
            execvp(words[1], words + 1);
            perror(words[1]);
            return 1;
        }
        """
    }

    private static func line(_ name: String, _ errno: String) -> String {
        """
        #ifdef SYS_\(name)
                ON(SYS_\(name), SECCOMP_RET_ERRNO | \(errno)),
        #endif
        """
    }

    private static let namespaces = """
                ON(SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
                LOAD(args[0]),
                BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x7E020000, 0, 1),
                ANSWER(SECCOMP_RET_ERRNO | EPERM),
        """
}
