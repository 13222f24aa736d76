import Glibc
import LinuxSystem
import Testing

@testable import Sandboxing

/// What a hostile image or command must not reach (THREATS B12, B13, B14, B17, and section 0).
@Suite struct ContainmentTests {
    @Test func descriptors() async throws {
        let tree = try BusyboxTree()
        // One that is not close-on-exec, and a directory: the way out of runc's CVE-2024-21626.
        let leaked = open("/", O_RDONLY | O_DIRECTORY)
        defer { close(leaked) }
        // The shell itself looks: a pipeline's descriptors come and go.
        let line = """
            for n in $(seq 0 99) \(leaked); do test -e /proc/self/fd/$n && printf "$n "; done
            readlink /proc/self/fd/0; cat; ls -d /proc/self/fd/\(leaked)/.
            """
        let done = try await tree.run(line)
        #expect(done.lines.first == "0 1 2 /dev/null")
        #expect(done.error.contains("No such file"))
        for path in ["/proc/self/fd/\(leaked)", "/proc/self/fd/3", "/proc/self/fd/7"] {
            let error = await #expect(throws: SandboxError.self) {
                try await tree.run("pwd") { $0.workingDirectory = path }
            }
            #expect(error?.code == .workingDirectory)
        }
        try FileSystem.symlink(target: Path("/proc/self/fd/\(leaked)"), at: tree.lower / "exit")
        await #expect(throws: SandboxError.self) { try await tree.run("pwd") { $0.workingDirectory = "/exit" } }
    }

    /// A step that is root may make device files, and they go in its layer; no cgroup says which it may open, so the
    /// mounts do: those of the sandbox's own /dev, and no other.
    @Test(.enabled(if: TestRung.current.isRoot)) func devicesOfTheTreeLeadNowhere() async throws {
        let tree = try BusyboxTree()
        let null = DeviceNumber(major: 1, minor: 3)
        try FileSystem.makeNode(tree.lower / "root/null", type: .characterDevice, mode: 0o666, device: null)
        let done = try await tree.run(
            """
            echo x >/root/null && echo image
            for d in /tmp /dev /dev/shm /dev/.ocibuild; do
              busybox mknod -m 666 $d/null2 c 1 3 && echo made; (echo x >$d/null2) && echo $d
              busybox mknod -m 666 $d/loop b 7 0; (busybox head -c 1 $d/loop >/dev/null) && echo $d
            done
            echo x >/dev/null && head -c 1 /dev/zero | wc -c
            """)
        #expect(done.lines == ["made", "made", "made", "made", "1"], "\(done.error)")
        #expect(
            done.error.split(separator: "\n").filter { $0.contains("Permission denied") }.count == 9, "\(done.error)")
        #expect(try FileSystem.status(tree.upper / "tmp/null2").deviceNumber == null)
    }

    @Test func theBuildersExecutableCannotBeReached() async throws {
        let tree = try BusyboxTree()
        try FileSystem.symlink(target: "/proc/self/exe", at: tree.lower / "bin/tool")
        try FileSystem.writeFile(tree.lower / "bin/script", Array("#! /proc/self/exe -x\n".utf8), mode: 0o755)
        try FileSystem.writeFile(tree.lower / "bin/chain", Array("#!/bin/script".utf8), mode: 0o755)
        try FileSystem.writeFile(tree.lower / "bin/fine", Array("#!/bin/sh\necho fine\n".utf8), mode: 0o755)
        let isFresh = try TestRung.traits.get().processes == .fresh
        for command in ["/proc/self/exe", "tool", "/bin/script", "chain"] + (isFresh ? ["/proc/1/exe"] : []) {
            let error = await #expect(throws: SandboxError.self, "\(command)") {
                try await tree.run("") { $0.command = [command] }
            }
            #expect(error?.message.contains("builder") == true, "\(command): \(String(describing: error))")
            #expect(error?.subject == command)
        }
        #expect(try await tree.run("") { $0.command = ["fine"] }.output == "fine\n")
        guard isFresh else {
            let own = "/proc/\(getpid())"
            let done = try await tree.run(
                "test -e \(own) && echo seen; readlink \(own)/exe \(own)/cwd; readlink \(own)/fd/*; ls \(own)/root/; cat \(own)/fd/* \(own)/maps \(own)/mem \(own)/environ"
            )
            #expect(done.output == "seen\n", "its number and name show, and nothing else")
            return
        }
        // The command itself is process 1, so there is no other executable to be found.
        #expect(
            try await tree.run("readlink /proc/1/exe; readlink /proc/self/exe").lines == [
                "/bin/busybox", "/bin/busybox",
            ])
    }

    @Test(arguments: ["/proc", "/sys", "/dev"]) func aLinkWhereAMountBelongs(_ path: String) async throws {
        let tree = try BusyboxTree()
        try FileSystem.removeDirectory(tree.lower / Path(path))
        try FileSystem.symlink(target: "/etc", at: tree.lower / Path(path))
        let error = await #expect(throws: SandboxError.self) { try await tree.run("true") }
        #expect(error?.code == .tree)
        #expect(error?.subject == path)
    }

    @Test func environmentOfTheBuilder() async throws {
        // What the shell sets by itself; nothing of the test program's own, which has at least a HOME.
        let own: Set<String> = ["PATH", "PWD", "OLDPWD", "SHLVL"]
        #expect(ProcessInformation.environment.keys.contains { !own.contains($0) })
        func names(_ done: Transcript) -> Set<String> { Set(done.lines.map { String($0.prefix { $0 != "=" }) }) }
        let tree = try BusyboxTree()
        let done = try await tree.run("env; cat /proc/*/environ | tr '\\0' '\\n'")
        #expect(names(done).contains("PATH") && names(done).isSubset(of: own), "\(done.output)")
        // Where /proc is the builder's, the names of its processes show; what is in them does not.
        guard try TestRung.traits.get().processes == .fresh else { return }
        let commands = try await tree.run("cat /proc/*/cmdline | tr '\\0' '\\n' | grep -c -e xctes[t] -e swiftp[m]")
        #expect(commands.output == "0\n")
        guard TestRung.current.isRoot else { return }
        let inChroot = try await tree.runInChroot("env; cat /proc/*/environ")
        #expect(names(inChroot).contains("PATH") && names(inChroot).isSubset(of: own), "\(inChroot.output)")
    }

    @Test func procAndSys() async throws {
        let tree = try BusyboxTree()
        let done = try await tree.run(
            """
            echo 1 >/proc/sys/kernel/panic_on_oops && echo WROTE
            echo b >/proc/sysrq-trigger && echo WROTE
            touch /sys/x && echo WROTE
            mount -o remount,rw /sys && echo MOUNTED
            mount -t tmpfs none /tmp && echo MOUNTED
            umount /proc/sys && echo UNMOUNTED
            umount /etc/resolv.conf && echo UNMOUNTED
            cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | wc -c; ls -A /proc/scsi /sys/firmware 2>/dev/null | grep -v :
            """
        ) { $0.files = TracelessTests.provided }
        #expect(done.lines.filter { !$0.isEmpty } == ["0"], "\(done.output)")
    }

    @Test func nothingOfTheHostsFilesIsMounted() async throws {
        let tree = try BusyboxTree()
        let done = try await tree.run("cat /proc/self/mounts") { $0.files = TracelessTests.provided }
        let kinds = Set(
            done.lines.compactMap { line in line.split(separator: " ").dropFirst(2).first.map(String.init) })
        let own: Set = ["overlay", "tmpfs", "proc", "sysfs", "devpts", "mqueue", "devtmpfs"]
        if !TestRung.current.isRoot {
            // /sys is the host's, with the kernel's file systems in it; the devices are those of the host's /dev.
            let others = done.lines.map { $0.split(separator: " ") }.filter { !own.contains(String($0[2])) }
            #expect(others.allSatisfy { $0[1].hasPrefix("/sys/") }, "\(others)")
            let devices = done.lines.map { $0.split(separator: " ") }.filter { $0[2] == "devtmpfs" }.map { $0[1] }
            let names = Set(StandardDevices.nodes.map { "/dev/\($0.name)" })
            #expect(devices.allSatisfy { names.contains(String($0)) || $0.hasPrefix("/proc/") }, "\(devices)")
            return
        }
        #expect(kinds.isSubset(of: own), "\(kinds)")
        let devtmpfs = done.lines.filter { $0.contains(" devtmpfs ") }
        #expect(devtmpfs.allSatisfy { $0.split(separator: " ")[1].hasPrefix("/proc/") }, "only /dev/null, as a mask")
    }

    static let escape = """
        #include <stdio.h>
        #include <sys/stat.h>
        #include <unistd.h>
        int main(int count, char **words) {
            mkdir("/tmp/deeper", 0755);
            if (count < 2 || chdir("/") != 0 || chroot("/tmp/deeper") != 0) { puts("refused"); return 0; }
            for (int i = 0; i < 64; i++) if (chdir("..") != 0) break;
            if (chroot(".") != 0) return 1;
            puts(access(words[1], F_OK) == 0 ? "ESCAPED" : "contained");
        }

        """

    @Test func doubleChroot() async throws {
        let tree = try BusyboxTree()
        let source = tree.base / "escape.c"
        try FileSystem.writeFile(source, Array(Self.escape.utf8))
        let program = tree.lower / "bin/escape"
        let compiled = try ChildProcess.run(["cc", "-static", "-o", program.description, source.description])
        try #require(compiled.status == 0, "needs the Debian packages gcc and libc6-dev")
        let canary = tree.base / "canary"
        try FileSystem.writeFile(canary, [])
        #expect(try await tree.run("escape \(canary)").output == "contained\n")
        guard TestRung.current.isRoot else { return }
        #expect(try await tree.runInChroot("escape \(canary)").output == "refused\n")
    }
}
