import Glibc
import LinuxSystem
import Testing

@testable import Sandboxing

@Suite struct ChrootSandboxTests {
    @Test func runsInTheTreeItself() async throws {
        let tree = try BusyboxTree()
        let done = try await tree.runInChroot("pwd; ls /; echo x >/tmp/new; echo e >&2; exit 3") {
            $0.workingDirectory = "/tmp"
        }
        #expect(done.status == .exited(3))
        #expect(done.lines == ["/tmp", "bin", "dev", "etc", "proc", "root", "sys", "tmp"])
        #expect(done.error == "e\n")
        #expect(FileSystem.exists(tree.lower / "tmp/new"))
    }

    @Test func noMountsAreMadeEvenWhereTheyCouldBe() async throws {
        let tree = try BusyboxTree()
        let own = try FileSystem.readLink("/proc/self/ns/mnt")
        let copy = tree.lower / "bin/who"
        try FileSystem.writeFile(copy, Array("#!/bin/sh\nls /proc /sys\n".utf8), mode: 0o755)
        #expect(try await tree.runInChroot("who").lines.filter { !$0.hasPrefix("/") && !$0.isEmpty } == [])
        #expect(try FileSystem.readLink("/proc/self/ns/mnt") == own)
        let mounts = try FileSystem.readFile("/proc/self/mountinfo")
        #expect(!String(decoding: mounts, as: UTF8.self).contains(tree.base.description))
    }

    @Test func devices() async throws {
        let tree = try BusyboxTree()
        try FileSystem.writeFile(tree.lower / "dev/null", Array("junk of the image".utf8))
        let before = try BusyboxTree.listing(of: tree.lower)
        let line =
            "echo gone >/dev/null; head -c 2 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; ls -A /dev/.ocibuild"
        let done = try await tree.runInChroot(line) {
            $0.privateFiles = [ProvidedFile(path: "/dev/.ocibuild/a/b", content: [1])]
        }
        #expect(done.lines == ["2", "3", "a"], "\(done.error)")
        #expect(try BusyboxTree.listing(of: tree.lower) == before)
    }

    @Test func userAndPrivileges() async throws {
        let tree = try BusyboxTree()
        #expect(
            try await tree.runInChroot("mknod /tmp/sda b 8 0 || chroot / true || echo neither").output == "neither\n")
        let done = try await tree.runInChroot("id; touch /etc/x || echo no") {
            $0.user = SandboxUser(uid: 1000, gid: 1001, groups: [44])
        }
        #expect(done.lines == ["uid=1000 gid=1001 groups=44,1001", "no"])
    }

    @Test func descriptors() async throws {
        let tree = try BusyboxTree()
        let leaked = open("/", O_RDONLY | O_DIRECTORY)
        defer { close(leaked) }
        // Without /proc the shell's own redirections tell which descriptors are open.
        let line = "for n in 3 4 5 6 7 8 9 \(leaked); do (true <&$n) 2>/dev/null && echo $n; done; echo done"
        #expect(try await tree.runInChroot(line).output == "done\n")
    }

    @Test func aProgramThatIsBeingWrittenIsWaitedFor() async throws {
        let tree = try BusyboxTree()
        let writer = open("\(tree.lower)/bin/busybox", O_WRONLY | O_CLOEXEC)
        try #require(writer >= 0)
        // Not a task: on a busy machine it may be long before one of these is taken up.
        Thread.start {
            usleep(20_000)
            close(writer)
        }
        #expect(try await tree.runInChroot("echo done").output == "done\n")
    }

    @Test func theStepsDaemonsEndWithIt() async throws {
        let tree = try BusyboxTree()
        let marker = "OCIBUILD_MARK=\(tree.base)"
        let done = try await tree.runInChroot(
            "for i in $(seq 20); do setsid sh -c 'setsid sleep 1000 & sleep 1000' >/dev/null 2>&1 & done; echo ok"
        ) { $0.environment.append(marker) }
        #expect(done.output == "ok\n")
        #expect(try Processes.withEnvironment(containing: marker).isEmpty)
    }

    @Test func withoutTheCapabilityToMount() throws {
        let tree = try BusyboxTree()
        try FileSystem.writeFile(tree.lower / "etc/resolv.conf", Array("the image's own\n".utf8))
        let before = try BusyboxTree.listing(of: tree.lower)
        let docker =
            "cap_chown,cap_dac_override,cap_fowner,cap_fsetid,cap_kill,cap_setgid,cap_setuid,cap_setpcap,"
            + "cap_net_bind_service,cap_net_raw,cap_sys_chroot,cap_mknod,cap_audit_write,cap_setfcap"
        let kept = docker.split(separator: ",")
        try #require(FileSystem.exists("/usr/bin/setpriv"), "needs the Debian package util-linux")
        let sets = "-all" + kept.map { ",+" + $0.dropFirst(4) }.joined()
        var environment = ProcessInformation.environment
        environment["OCIBUILD_TEST_BUILDER"] = "chroot"
        environment["OCIBUILD_TEST_TREE"] = tree.base.description
        let outcome = try ChildProcess.run(
            ["setpriv", "--bounding-set", sets, "--inh-caps", "-all"] + ProcessInformation.builderArguments,
            environment: environment, timeoutSeconds: 240)
        let text = String(decoding: outcome.output + outcome.error, as: UTF8.self)
        #expect(outcome.status == 0, "\(text)")
        #expect(text.contains("builder: exited(5)"), "\(text)")
        #expect(text.contains("CapEff:\t00000000a00025fb"), "\(text)")
        #expect(text.contains("rungs: single chroot none"), "\(text)")
        #expect(try BusyboxTree.listing(of: tree.lower) == before)
    }
}
