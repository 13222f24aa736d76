import Glibc
import LinuxSystem
import Testing

@testable import Sandboxing

@Suite struct NamespaceSandboxTests {
    @Test func outputAndStatus() async throws {
        let tree = try BusyboxTree()
        let done = try await tree.run("echo out; echo err >&2; exit 7")
        #expect(done.status == .exited(7))
        #expect(done.output == "out\n")
        #expect(done.error == "err\n")
        let killed = try await tree.run("exec /bin/sh -c 'ulimit -t 1; while :; do :; done'")
        #expect(killed.status == .signaled(SIGKILL) || killed.status == .signaled(SIGXCPU))
    }

    @Test func changesGoToTheUpperDirectory() async throws {
        let tree = try BusyboxTree()
        let before = try BusyboxTree.listing(of: tree.lower)
        #expect(try await tree.run("echo hi >/tmp/new; rm /root -r; umask").output == "0022\n")
        #expect(try FileSystem.readFile(tree.upper / "tmp/new") == Array("hi\n".utf8))
        #expect(try FileSystem.status(tree.upper / "tmp/new").mode == 0o644)
        #expect(try FileSystem.status(tree.upper / "root").type == .characterDevice)
        #expect(try BusyboxTree.listing(of: tree.lower) == before)
    }

    @Test func environmentAndArgumentsAreThoseGiven() async throws {
        let tree = try BusyboxTree()
        let done = try await tree.run("") {
            $0.command = ["env"]
            $0.environment = ["PATH=/nowhere:/bin", "A=1 2", "EMPTY="]
        }
        #expect(done.lines.sorted() == ["A=1 2", "EMPTY=", "PATH=/nowhere:/bin"])
        let words = try await tree.run("") { $0.command = ["sh", "-c", "echo \"$0|$1|$2\"", "a b", "", "ü"] }
        #expect(words.output == "a b||ü\n")
    }

    @Test func aCommandThatCannotRunIsNamed() async throws {
        let tree = try BusyboxTree()
        try FileSystem.writeFile(tree.lower / "bin/plain", Array("just text".utf8), mode: 0o644)
        try FileSystem.writeFile(tree.lower / "bin/odd", Array("just text".utf8), mode: 0o755)
        try FileSystem.writeFile(tree.lower / "bin/lost", Array("#!/bin/nothing\n".utf8), mode: 0o755)
        for (command, text) in [
            ("nosuch", "no such command in the PATH of the step (/bin)"), ("/bin/nosuch", "no such file"),
            ("plain", "not executable"), ("odd", "not a program for this machine"), ("/bin/lost", "interpreter"),
            ("", "empty"),
        ] {
            let error = await #expect(throws: SandboxError.self) { try await tree.run("") { $0.command = [command] } }
            #expect(error?.message.contains(text) == true, "\(command): \(String(describing: error))")
            #expect(error?.code == (command.isEmpty ? .request : .command))
        }
        await #expect(throws: SandboxError.self) { try await tree.run("") { $0.command = [] } }
        await #expect(throws: SandboxError.self) { try await tree.run("") { $0.command = ["sh", "a\0b"] } }
    }

    @Test func workingDirectory() async throws {
        let tree = try BusyboxTree()
        #expect(try await tree.run("pwd") { $0.workingDirectory = "/tmp" }.output == "/tmp\n")
        let error = await #expect(throws: SandboxError.self) {
            try await tree.run("pwd") { $0.workingDirectory = "/no/such" }
        }
        #expect(error?.code == .workingDirectory)
        #expect(error?.subject == "/no/such")
        // Not open to the user, and still usable, as with Docker.
        try FileSystem.setMode(tree.lower / "root", 0o700)
        let user = SandboxUser(uid: 1000, gid: 1000)
        let done = try await tree.run("pwd; ls") {
            $0.workingDirectory = "/root"
            $0.user = user
        }
        #expect(done.lines == ["/root"])
        // The kernel knows one user on the rung single.
        if !TestRung.current.isSingle { #expect(done.error.contains("Permission denied")) }
    }

    @Test func rootHasTheCapabilitiesOfAContainer() async throws {
        let tree = try BusyboxTree()
        let done = try await tree.run("id; grep -E 'Cap|NoNewPrivs|Groups' /proc/self/status | tr -d '\\t'")
        #expect(
            done.lines == [
                "uid=0 gid=0 groups=0", TestRung.current.isSingle ? "Groups: " : "Groups:0 ", "CapInh:0000000000000000",
                "CapPrm:00000000a80425fb",
                "CapEff:00000000a80425fb", "CapBnd:00000000a80425fb", "CapAmb:0000000000000000", "NoNewPrivs:0",
            ])
    }

    /// What the step sees of itself is the supervisor's word; what /proc says is the kernel's.
    @Test(.enabled(if: TestRung.current.isSingle)) func aUserWhoIsRecorded() async throws {
        let tree = try BusyboxTree()
        let line = """
            id; touch /tmp/y; mkdir /tmp/d; ln -s y /tmp/l; stat -c '%u:%g %a' /tmp/y /tmp/d /tmp/l
            chown 5:6 /tmp/y || echo refused
            """
        let done = try await tree.run(line) { $0.user = SandboxUser(uid: 1000, gid: 1001, groups: [44, 27]) }
        #expect(
            done.lines == [
                "uid=1000 gid=1001 groups=27,44,1001", "1000:1001 644", "1000:1001 755", "1000:1001 777", "refused",
            ], "\(done.output) \(done.error)")
        var root = tree.spec("chown 5:6 /tmp/y && chmod 4711 /tmp/y && stat -c '%u:%g %a' /tmp/y; stat -c %u:%g /tmp/d")
        root.user = .root
        #expect(try await Transcript.of(TestRung.sandbox, root).lines == ["5:6 4711", "1000:1001"])
        let made = try tree.truth(tree.upper / "tmp/y")
        #expect(made.uid == 5 && made.gid == 6 && made.mode == 0o4711)
        #expect(try FileSystem.status(tree.upper / "tmp/y").uid == geteuid())
    }

    @Test(.enabled(if: TestRung.current.isSingle)) func theOwnersOfLinksGoInAndOut() async throws {
        let tree = try BusyboxTree()
        try FileSystem.symlink(target: "nowhere", at: tree.lower / "etc/old")
        let old = try FileSystem.status(tree.lower / "etc/old")
        let ledger = LedgerSink()
        let done = try await tree.run("stat -c %u:%g /etc/old; ln -s y /tmp/new; chown -h 9:10 /tmp/new") {
            $0.linkOwners = [LinkOwner(inode: old.inode, uid: 7, gid: 8)]
            $0.ledger = ledger
        }
        #expect(done.lines == ["7:8"], "\(done.error)")
        let new = try FileSystem.status(tree.upper / "tmp/new")
        let found = ledger.owners.map { LinkOwner(inode: $0.inode, uid: $0.uid, gid: $0.gid) }
        #expect(
            Set(found) == [LinkOwner(inode: old.inode, uid: 7, gid: 8), LinkOwner(inode: new.inode, uid: 9, gid: 10)])
    }

    @Test(.enabled(if: !TestRung.current.isSingle)) func aUserHasNoCapabilitiesAndItsGroups() async throws {
        let tree = try BusyboxTree()
        let line = "id; grep -E 'Cap|Groups' /proc/self/status | tr -d '\\t'; touch /etc/x; touch /tmp/y && echo ok"
        let done = try await tree.run(line) { $0.user = SandboxUser(uid: 1000, gid: 1001, groups: [44, 27]) }
        #expect(
            done.lines == [
                "uid=1000 gid=1001 groups=27,44,1001", "Groups:27 44 1001 ", "CapInh:0000000000000000",
                "CapPrm:0000000000000000", "CapEff:0000000000000000", "CapBnd:00000000a80425fb",
                "CapAmb:0000000000000000", "ok",
            ])
        let made = try FileSystem.status(tree.upper / "tmp/y")
        #expect(made.uid == 1000 && made.gid == 1001)
    }

    @Test func devices() async throws {
        let tree = try BusyboxTree()
        let done = try await tree.run(
            """
            cd /dev; for f in *; do echo "$f $(stat -c '%A %t:%T' $f) $(readlink $f)"; done
            echo x >null && head -c 2 zero | wc -c && head -c 3 urandom | wc -c; echo y >full; echo to-stderr >/dev/stderr
            stat -f -c %T /dev/shm; touch /dev/shm/a; ls -A /dev/.ocibuild
            """)
        #expect(
            done.lines == [
                "fd lrwxrwxrwx 0:0 /proc/self/fd", "full crw-rw-rw- 1:7 ", "mqueue drwxrwxrwt 0:0 ",
                "null crw-rw-rw- 1:3 ", "ptmx lrwxrwxrwx 0:0 pts/ptmx", "pts drwxr-xr-x 0:0 ",
                "random crw-rw-rw- 1:8 ", "shm drwxrwxrwt 0:0 ", "stderr lrwxrwxrwx 0:0 /proc/self/fd/2",
                "stdin lrwxrwxrwx 0:0 /proc/self/fd/0", "stdout lrwxrwxrwx 0:0 /proc/self/fd/1",
                "tty crw-rw-rw- 5:0 ", "urandom crw-rw-rw- 1:9 ", "zero crw-rw-rw- 1:5 ", "2", "3", "tmpfs",
            ])
        #expect(done.error.contains("No space left"))
        #expect(done.error.contains("to-stderr"))
        #expect(try DirectoryListing.entries(at: tree.upper).isEmpty)
    }

    @Test func privateFilesAreThereDuringTheStepOnly() async throws {
        let tree = try BusyboxTree()
        let done = try await tree.run("cd /dev/.ocibuild; cat ca.pem apt/conf; stat -c %a ca.pem apt") {
            $0.user = SandboxUser(uid: 5, gid: 5)
            $0.privateFiles = [
                ProvidedFile(path: "/dev/.ocibuild/ca.pem", content: Array("CA\n".utf8), mode: 0o444),
                ProvidedFile(path: "/dev/.ocibuild/apt/conf", content: Array("APT\n".utf8)),
            ]
        }
        #expect(done.lines == ["CA", "APT", "444", "755"])
        for path in ["/etc/x", "/dev/.ocibuild", "/dev/.ocibuild/../x"] {
            await #expect(throws: SandboxError.self) {
                try await tree.run("") { $0.privateFiles = [ProvidedFile(path: path, content: [])] }
            }
        }
    }

    @Test func ownHostnameAndProcesses() async throws {
        let tree = try BusyboxTree()
        // By the shell itself: what a further process is numbered, and whether it is there yet, is nobody's promise.
        let done = try await tree.run("hostname; echo $$; echo /proc/[0-9]*") { $0.hostname = "step-1" }
        let isFresh = try TestRung.traits.get().processes == .fresh
        #expect(isFresh != (TestRung.current == .singleInContainer))
        #expect(isFresh ? done.lines == ["step-1", "1", "/proc/1"] : done.lines.prefix(2) == ["step-1", "1"])
    }

    @Test func network() async throws {
        let tree = try BusyboxTree()
        let line = "ls /sys/class/net; ip addr show lo | grep -c 127.0.0.1"
        #expect(try await tree.run(line) { $0.network = .none }.lines == ["lo", "1"])
        let names = try DirectoryListing.entries(at: "/sys/class/net").compactMap { $0.name.string }.sorted()
        #expect(try await tree.run("ls /sys/class/net").lines == names.filter { $0 != "bonding_masters" })
    }

    @Test func twentyAtOnce() async throws {
        let tree = try BusyboxTree()
        try await withThrowingTaskGroup(of: Transcript.self) { group in
            for number in 0..<20 {
                let upper = tree.base / Path("upper-\(number)")
                let work = tree.base / Path("own-work-\(number)")
                for path in [upper, work] { try FileSystem.makeDirectory(path) }
                let spec = tree.spec("echo \(number) >/tmp/n; cat /tmp/n; ls /proc/self/fd | wc -l") {
                    $0.root = .overlay(lowers: [tree.lower], upper: upper, work: work, base: tree.base)
                }
                group.addTask { try await Transcript.of(TestRung.sandbox, spec) }
            }
            var seen: Set<String> = []
            for try await done in group {
                #expect(done.lines.count == 2 && done.lines.last == "4")
                seen.insert(done.lines.first ?? "")
            }
            #expect(seen.count == 20)
        }
    }

    @Test func aHundredLowersWithLongNames() async throws {
        let tree = try BusyboxTree()
        var lowers = [tree.lower]
        for number in 0..<100 {
            let name = String(repeating: "x", count: 60) + "\(number)"
            let path = tree.base / Path(name)
            try FileSystem.makeDirectory(path)
            try FileSystem.writeFile(path / Path("file-\(number)"), [])
            lowers.insert(path, at: 0)
        }
        let work = tree.base / "long-work"
        try FileSystem.makeDirectory(work)
        let done = try await tree.run("ls -d /file-* | wc -l; rm -r /root; mkdir /root") {
            $0.root = .overlay(lowers: lowers, upper: tree.upper, work: work, base: tree.base)
        }
        #expect(done.output == "100\n")
        #expect(
            try ExtendedAttributes.value(Array("\(TestRung.overlayPrefix)opaque".utf8), of: tree.upper / "root") == [
                0x79
            ])
    }

    @Test func aPlainDirectoryAsRoot() async throws {
        let tree = try BusyboxTree()
        let done = try await tree.run("echo x >/tmp/here; ls /") { $0.root = .directory(tree.lower) }
        #expect(done.lines == ["bin", "dev", "etc", "proc", "root", "sys", "tmp"])
        #expect(FileSystem.exists(tree.lower / "tmp/here"))
    }
}
