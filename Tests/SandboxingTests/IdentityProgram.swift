import LinuxSystem
import Testing

/// A C program that tells what the kernel, or who answers for it, makes of identities.
enum IdentityProgram {
    /// The program, static: the trees of these tests have no libraries.
    static let compiled: Result<[UInt8], any Error> = Result {
        try #require(FileSystem.exists("/usr/bin/gcc"), "needs the Debian package gcc")
        let folder = try TemporaryDirectory(prefix: "sandboxing-")
        let (source, program) = (folder.path / "identity.c", folder.path / "identity")
        try FileSystem.writeFile(source, Array(text.utf8))
        let done = try ChildProcess.run(["gcc", "-O1", "-w", "-static", "-pthread", "-o", "\(program)", "\(source)"])
        try #require(done.status == 0, "\(String(decoding: done.error, as: UTF8.self)) (needs the package libc6-dev)")
        return try FileSystem.readFile(program)
    }

    /// `random SEED COUNT`: that many processes, each making a random sequence of calls, with what they return and leave.
    /// `peer`: who is at the ends of sockets. `threads FILE`: execve by a thread that is not the first.
    /// `narrow`: the calls of i386 with ids of 16 bits.
    private static let text = #"""
        #define _GNU_SOURCE
        #include <errno.h>
        #include <pthread.h>
        #include <stdint.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/prctl.h>
        #include <sys/socket.h>
        #include <sys/syscall.h>
        #include <sys/un.h>
        #include <sys/wait.h>
        #include <linux/capability.h>
        #include <unistd.h>

        static uint64_t state;
        static unsigned random_below(unsigned n) {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            return (unsigned)((state >> 33) % n);
        }
        static unsigned any_id(void) {
            static const unsigned ids[] = {0, 0, 1, 1000, 1001, 65534, 70000, -1, -1};
            return ids[random_below(9)];
        }
        static void show(const char *what, long result) {
            int error = result < 0 ? errno : 0, groups[80];
            unsigned i[6];
            struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
            struct __user_cap_data_struct sets[2];
            syscall(SYS_getresuid, i, i + 1, i + 2), syscall(SYS_getresgid, i + 3, i + 4, i + 5);
            long user = syscall(SYS_setfsuid, -1), group = syscall(SYS_setfsgid, -1);
            long count = syscall(SYS_getgroups, 80, groups);
            syscall(SYS_capget, &header, sets);
            printf("%s: %ld/%d users %u %u %u %ld groups %u %u %u %ld alone %ld %ld %ld %ld may %x %x keep %d and", what,
                   result, error, i[0], i[1], i[2], user, i[3], i[4], i[5], group, syscall(SYS_getuid),
                   syscall(SYS_geteuid), syscall(SYS_getgid), syscall(SYS_getegid), sets[0].effective >> 6 & 3,
                   sets[0].permitted >> 6 & 3, prctl(PR_GET_KEEPCAPS));
            for (int k = 0; k < count; k++) printf(" %d", groups[k]);
            puts("");
        }
        // Before Linux 6.3 a call that keeps all ids still set the file system's.
        static void settle(void) {
            syscall(SYS_setfsuid, syscall(SYS_geteuid)), syscall(SYS_setfsgid, syscall(SYS_getegid));
        }
        static void calls(int left) {
            static const char *files[] = {"id", "id-1000", "id-0", "id-1001", "id-both", "id-odd", "script", "none", "text"};
            static char large[200000];
            while (left-- > 0) {
                unsigned a = any_id(), b = any_id(), c = any_id(), list[80];
                char what[120];
                long result;
                switch (random_below(16)) {
                case 0: sprintf(what, "setuid %d", a), result = syscall(SYS_setuid, a); break;
                case 1: sprintf(what, "setgid %d", a), result = syscall(SYS_setgid, a); break;
                case 2: sprintf(what, "setreuid %d %d", a, b), result = syscall(SYS_setreuid, a, b); break;
                case 3: sprintf(what, "setregid %d %d", a, b), result = syscall(SYS_setregid, a, b); break;
                case 4: case 5:
                    settle(), sprintf(what, "setresuid %d %d %d", a, b, c), result = syscall(SYS_setresuid, a, b, c);
                    break;
                case 6: case 7:
                    settle(), sprintf(what, "setresgid %d %d %d", a, b, c), result = syscall(SYS_setresgid, a, b, c);
                    break;
                case 8: sprintf(what, "setfsuid %d", a), result = syscall(SYS_setfsuid, a); break;
                case 9: sprintf(what, "setfsgid %d", a), result = syscall(SYS_setfsgid, a); break;
                case 10: {
                    int count = random_below(6) ? random_below(8) : random_below(2) ? 70 : 65537;
                    for (int i = 0; i < 80; i++) list[i] = random_below(30) ? random_below(100000) : -1;
                    sprintf(what, "setgroups %d", count);
                    result = syscall(SYS_setgroups, count, random_below(9) ? list : 0);
                    break;
                }
                case 11: {
                    int room = (int)random_below(10) - 2;
                    sprintf(what, "getgroups %d", room);
                    result = syscall(SYS_getgroups, room, random_below(5) ? list : (void *)8);
                    break;
                }
                case 12: sprintf(what, "keep %d", a & 1), result = prctl(PR_SET_KEEPCAPS, a & 1); break;
                case 13: {
                    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, random_below(2) ? getpid() : 0};
                    struct __user_cap_data_struct sets[2];
                    unsigned effective = random_below(4) << 6, permitted = random_below(3) ? 3 << 6 : random_below(4) << 6;
                    syscall(SYS_capget, &header, sets);
                    sets[0].effective = sets[0].effective & ~(3 << 6) | effective;
                    sets[0].permitted = sets[0].permitted & ~(3 << 6) | permitted;
                    sprintf(what, "capset %x %x", effective, permitted), result = syscall(SYS_capset, &header, sets);
                    break;
                }
                default: {
                    char path[40], rest[12], seed[24];
                    const char *file = files[random_below(9)];
                    sprintf(path, "/ids/%s", file), sprintf(rest, "%d", left), sprintf(seed, "%llu", state);
                    char *arguments[] = {path, "go", rest, seed, (char *)file, 0, 0};
                    // Too long: the kernel refuses after it has looked at the file.
                    if (random_below(5) == 0) arguments[5] = memset(large, 'x', sizeof large - 1);
                    sprintf(what, "execve %s", file), fflush(stdout);
                    if (random_below(2)) {
                        result = execv(path, arguments);
                    } else if (vfork()) {
                        wait(0), left = 0, result = 0;
                    } else {
                        execv(path, arguments), _exit(0);
                    }
                }
                }
                show(what, result);
            }
        }
        static void print_peer(const char *what, int socket, int process) {
            struct ucred peer;
            unsigned groups[8], room = sizeof groups, length = sizeof peer;
            getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length);
            printf("%s is %s %u:%u", what, peer.pid == process ? "itself" : "another", peer.uid, peer.gid);
            getsockopt(socket, SOL_SOCKET, 59 /* SO_PEERGROUPS */, groups, &room);
            for (unsigned i = 0; i < room / 4; i++) printf(" %u", groups[i]);
            puts(""), fflush(stdout);
        }
        static void peer(void) {
            struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0identity"};
            unsigned groups[] = {9, 5}, small = 4;
            int listener = socket(AF_UNIX, SOCK_STREAM, 0), child, client = socket(AF_UNIX, SOCK_STREAM, 0);
            bind(listener, (void *)&address, sizeof address), listen(listener, 1);
            if (!(child = fork())) {
                syscall(SYS_setgroups, 2, groups), setresgid(1001, 1001, 1001), setresuid(1000, 1000, 1000);
                connect(client, (void *)&address, sizeof address);
                print_peer("server", client, getppid()), write(client, "x", 1), read(client, groups, 1), _exit(0);
            }
            int connection = accept(listener, 0, 0);
            read(connection, groups, 1), print_peer("client", connection, child);
            int refused = getsockopt(connection, SOL_SOCKET, 59, groups, &small);
            printf("%d %d %u\n", refused, errno == ERANGE, small);
        }
        static void *run(void *file) {
            syscall(SYS_setresuid, 1000, 1000, 1000);
            char *arguments[] = {file, "go", "0", "1", "thread", 0};
            return execv(file, arguments), (void *)0;
        }
        static int narrow_call(int number, long a, long b, long c) {
            long result = -ENOSYS;
        #if defined(__x86_64__)
            __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c)
                             : "memory", "r8", "r9", "r10", "r11");
        #endif
            return (int)result;
        }
        static void narrow(void) {
            uint16_t *ids = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | 0x40 /* MAP_32BIT */, -1, 0);
            long place = (long)ids;
            ids[0] = 9, ids[1] = 3, ids[2] = 0xfffe;
            printf("setgroups %d getgroups %d:", narrow_call(81, 3, place, 0), narrow_call(80, 3, place + 6, 0));
            printf(" %u %u %u\n", ids[3], ids[4], ids[5]);
            ids[0] = 0xffff;
            printf("setgroups %d setgid %d", narrow_call(81, 1, place, 0), narrow_call(46, 0xffff, 0, 0));
            printf(" setresgid %d %d:", narrow_call(170, 7, 0xffff, 8), narrow_call(171, place, place + 2, place + 4));
            printf(" %u %u %u setresuid32 %d", ids[0], ids[1], ids[2], narrow_call(208, 70000, 0, 0));
            printf(" getuid %d %d setfsuid %d %d", narrow_call(24, 0, 0, 0), narrow_call(199, 0, 0, 0),
                   narrow_call(138, 44, 0, 0), narrow_call(138, 0xffff, 0, 0));
            printf(" setreuid %d setuid %d geteuid %d\n", narrow_call(70, 1000, 1000, 0), narrow_call(23, 0, 0, 0),
                   narrow_call(49, 0, 0, 0));
        }
        int main(int count, char **words) {
            // A script hands on its own name before the words.
            while (count > 2 && strcmp(words[1], "go") && words[1][0] == '/') words++, count--;
            if (!strcmp(words[1], "go")) {
                state = strtoull(words[3], 0, 10);
                show(words[4], 0), calls(atoi(words[2]));
            } else if (!strcmp(words[1], "random")) {
                for (int i = 0; i < atoi(words[3]); i++) {
                    state = strtoull(words[2], 0, 10) * 1000003 + i * 7919 + 88172645463325252ull;
                    random_below(2), random_below(2), fflush(stdout);
                    if (!fork()) calls(14), fflush(stdout), _exit(0);
                    wait(0);
                }
            } else if (!strcmp(words[1], "peer")) {
                peer();
            } else if (!strcmp(words[1], "threads")) {
                pthread_t thread;
                pthread_create(&thread, 0, run, words[2]), pthread_join(thread, 0);
            } else {
                narrow();
            }
        }
        """#
}
