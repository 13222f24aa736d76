import Glibc
import LinuxSystem
import Testing

@testable import Sandboxing

/// Steps of the rung `single` see and leave behind what those of real root do: the same lines on both, and what they
/// print compared, and then what is in the layer.
@Suite(.enabled(if: TestRung.current == .root)) struct SupervisedFilesTests {
    /// One tree for each of the two rungs.
    struct Pair {
        let root: BusyboxTree
        let single: BusyboxTree
        let singleSandbox: NamespaceSandbox
        static let applets = ["chgrp", "cp", "mkfifo", "tar", "timeout", "unlink", "xargs", "printf", "mktemp"]

        init() throws {
            root = try BusyboxTree()
            single = try BusyboxTree()
            for tree in [root, single] {
                for applet in Self.applets {
                    try FileSystem.symlink(target: "busybox", at: tree.lower / "bin" / Path(applet))
                }
            }
            singleSandbox = NamespaceSandbox(
                try NamespaceTrial(storeRoot: single.base).settle(NamespaceTraits(best: .single)))
        }

        func runSingle(_ line: String, _ edit: (inout SandboxSpec) -> Void = { _ in }) async throws -> Transcript {
            try await Transcript.of(singleSandbox, single.spec(line, edit))
        }

        /// What the line prints, which is the same on both rungs.
        func run(_ line: String, user: SandboxUser = .root) async throws -> [String] {
            let line = "S() { stat -c '%n %A %a %u:%g %t,%T %h %F' \"$@\"; }; umask 022; \(line)"
            let real = try await root.run(line) { $0.user = user }
            let supervised = try await runSingle(line) { $0.user = user }
            #expect(real.output == supervised.output)
            #expect(real.error == supervised.error)
            #expect(real.status == supervised.status)
            return supervised.lines
        }
    }

    /// Name, type, mode, owner, device and size of all in the upper directory, links aside.
    static func truth(of tree: BusyboxTree, _ ownership: TreeOwnership) throws -> [String] {
        var lines: [String] = []
        var pending = [tree.upper]
        while let path = pending.popLast() {
            let status = try ownership.status(path)
            let name = Path(bytes: path.bytes.dropFirst(tree.upper.bytes.count))
            let owner = status.type == .symlink || status.type == .fifo ? "" : "\(status.uid):\(status.gid)"
            lines.append("\(name) \(status.type) \(status.mode) \(owner) \(status.deviceNumber)")
            if status.type == .directory { pending += try DirectoryListing.entries(at: path).map { path / $0.name } }
        }
        return lines.sorted()
    }

    @Test func ownersAndModes() async throws {
        let pair = try Pair()
        let lines = try await pair.run(
            """
            cd /tmp; echo hi >f; S f; chown 1000:50 f; S f; chmod 4755 f; S f; chown 0 f; S f; chown 7:7 f; chmod 6755 f
            chgrp 8 f; S f; chmod 000 f; S f; cat f; chmod 0040 f; echo more >>f; S f; cat f
            ln f hard; chown 5:6 hard; S f hard; mv f g; S g; rm hard; S g; rm g; touch g; S g
            mkdir d; chown 3:4 d; chmod 2775 d; touch d/x; mkdir d/y; ln -s x d/l; mkfifo d/p; mknod d/n c 1 3
            S d d/*; chmod 0 d; S d; ls d; chmod 1777 d; S d
            ln -s nowhere s; chown -h 10:11 s; S s; mv s s2; S s2; ln s2 s3; S s3; rm s2 s3; ln -s again s2; S s2
            mkfifo p; chown 8:9 p; chmod 0 p; S p; chown 1 nosuch; chown 1 g/x; stat -c %n ''; chown -R 1:2 /root /etc
            S /root /etc /bin/busybox; chown 1:1 /bin/busybox; chmod 4711 /bin/busybox; S /bin/busybox
            """)
        #expect(lines.count > 30)
        let truth = try Self.truth(of: pair.single, .recorded)
        #expect(truth == (try Self.truth(of: pair.root, .real)))
        #expect(truth.count > 12)
    }

    @Test func devices() async throws {
        let pair = try Pair()
        _ = try await pair.run(
            """
            cd /tmp; mknod c c 1 3; S c; mknod -m 0660 b b 8 70000; S b; chown 0:6 b; chmod 400 c; S b c; mknod c c 1 3
            echo $?; umask 077; mknod t c 5 1; S t; umask 022; cp -a c c2; mv b b2; S c2 b2; mknod z c 0 0; echo $?
            """)
        #expect(try Self.truth(of: pair.single, .recorded) == Self.truth(of: pair.root, .real))
        let device = pair.single.upper / "tmp/b2"
        #expect(try FileSystem.status(device).type == .regular)
        #expect(try FileSystem.status(device).mode == 0o600)
        #expect(
            try ExtendedAttributes.value(InodeRecord.attribute, of: device)
                == [1, 6, 0xb0, 1, 0, 0, 0, 0, 6, 0, 0, 0, 8, 0, 0, 0, 0x70, 0x11, 1, 0])
    }

    @Test func copiesAndArchives() async throws {
        let pair = try Pair()
        let lines = try await pair.run(
            """
            cd /tmp; mkdir a; cd a; echo 1 >x; chown 33:34 x; chmod 4750 x; mkdir -m 2770 y; chown 1:2 y; echo 2 >y/z
            mknod n b 1 2; ln -s x l; chown -h 3:4 l; ln x h; mkfifo f; chmod 0 y/z; chown 70000:70001 y/z
            cd ..; cp -a a b; find a b | sort | xargs stat -c '%n %A %u:%g %t,%T %h'
            tar cf t.tar a; mkdir e; tar xf t.tar -C e; find e | sort | xargs stat -c '%n %A %u:%g %t,%T %h'
            tar tvf t.tar | sort | cut -c1-30; ls -lnR b | grep -v total | cut -c1-30
            """)
        #expect(lines.count > 30)
        #expect(try Self.truth(of: pair.single, .recorded) == Self.truth(of: pair.root, .real))
    }

    @Test func whatUnreadableModesLeaveTheBuilderCanRead() async throws {
        let pair = try Pair()
        _ = try await pair.run(
            """
            cd /tmp; umask 0777; touch u; mkdir v; echo z >w; S u v w; cat w; touch v/in; umask 0577; touch x; S x v/in
            umask 022; mkdir -m 0 q; touch q/r; S q; chmod 0 /root; S /root
            """)
        #expect(try Self.truth(of: pair.single, .recorded) == Self.truth(of: pair.root, .real))
        for (name, mode) in [("tmp/u", 0o400), ("tmp/v", 0o700), ("tmp/w", 0o400), ("tmp/q", 0o700), ("root", 0o700)] {
            let real = try FileSystem.status(pair.single.upper / Path(name)).mode
            #expect(Int(real) == mode, "\(name)")
        }
    }

    @Test func othersThanRoot() async throws {
        let pair = try Pair()
        _ = try await pair.run(
            """
            mkdir -m 2777 /tmp/g; chgrp 50 /tmp/g; mkdir /tmp/h; chown 1000:1001 /tmp/h; echo r >/tmp/r
            mkdir /tmp/closed; chmod 700 /tmp/closed
            """)
        let user = SandboxUser(uid: 1000, gid: 1001, groups: [50, 60])
        let lines = try await pair.run(
            """
            cd /tmp/h; id -u; id -g; id -G; touch a; mkdir b; ln -s a l; mkfifo p; S a b l p; echo x >b/c; S b/c
            ln a a2; mv a2 a3; S a3; cp /tmp/r r1; cp -p /tmp/r r2; S r1 r2; chgrp 60 a; S a; chgrp 77 a; chown 0 a; S a
            touch ../g/x; mkdir ../g/d; touch ../g/d/y; S ../g/x ../g/d ../g/d/y; umask 777; touch n; mkdir m; S n m
            umask 022; touch /etc/no; mkdir /no; echo >>/tmp/r; chmod 777 /tmp; touch /tmp/closed/no; mknod dev c 1 3
            test -w /etc || echo closed; test -w /tmp/g && echo open; test -r /tmp/closed || echo unread
            ln -s missing dangling; echo new >dangling; S dangling missing; echo >/dev/null && echo null
            """, user: user)
        #expect(
            lines.contains("closed") && lines.contains("open") && lines.contains("unread") && lines.contains("null"))
        #expect(try Self.truth(of: pair.single, .recorded) == Self.truth(of: pair.root, .real))
        _ = try await pair.run("touch /tmp/h/raised; chown 1000:1001 /tmp/h/raised; chmod 6755 /tmp/h/raised")
        #expect(try await pair.run("stat -c %a /tmp/h/raised") == ["6755"])
        // What was not settled before the last process ended is settled at the end of the step.
        _ = try await pair.run("exec touch /tmp/h/last", user: user)
        #expect(try pair.single.truthOfRecorded("tmp/h/last").uid == 1000)
    }

    @Test func rootsWithinTheRoot() async throws {
        let pair = try Pair()
        _ = try await pair.run(
            """
            mkdir -p /c/bin /c/etc; cp /bin/busybox /c/bin; for n in sh stat chown mknod ln touch; do
            ln -s busybox /c/bin/$n; done; touch /c/etc/x; chown 9:9 /c/etc /c/etc/x; mkdir -p /etc; touch /etc/x; S /etc/x
            chroot /c /bin/sh -c 'cd /etc; stat -c "%n %u:%g" /etc /etc/x x; chown 1:2 /etc/x; mknod /n c 1 3
            ln -s /etc/x /l; chown 5:5 /l; stat -c "%n %u:%g %F" /n /l /../etc/x'
            S /etc/x /c/etc/x /c/n; stat -c %u /proc/self/root/c/etc/x /proc/self/cwd
            """)
        #expect(try Self.truth(of: pair.single, .recorded) == Self.truth(of: pair.root, .real))
    }

    @Test func ownersOfLinks() async throws {
        let pair = try Pair()
        let tree = pair.single
        let names = ["kept", "gone", "moved", "touched", "given"]
        for name in names { try FileSystem.symlink(target: "x", at: tree.lower / Path(name)) }
        let sink = LedgerSink()
        func inode(_ path: Path) throws -> UInt64 { try FileSystem.status(path).inode }
        let owners = try names.enumerated().map {
            LinkOwner(inode: try inode(tree.lower / Path($1)), uid: 70 + UInt32($0), gid: 80)
        }
        let done = try await pair.runSingle(
            """
            S() { stat -c '%n %u:%g' "$@"; }; S /kept /gone /moved; mv /moved /there; S /there; rm /gone
            for i in 1 2 3 4 5; do ln -s x /l$i; chown -h $i /l$i; rm /l$i; mkfifo /l$i; done; S /l*
            ln -s x /new; chown -h 5:6 /new; S /new; touch -h /touched; ln /touched /hard; chown -h 9 /given; S /hard
            """
        ) {
            $0.linkOwners = owners
            $0.ledger = sink
        }
        #expect(
            done.lines == ["/kept 70:80", "/gone 71:80", "/moved 72:80", "/there 72:80"]
                + (1...5).map { "/l\($0) 0:0" } + ["/new 5:6", "/hard 73:80"], "\(done.error)")
        let left = sink.owners
        func owner(_ path: Path) throws -> [UInt32] {
            let number = try inode(path)
            let born = try FileSystem.birth(of: path)
            // A number may have been that of a link which is gone.
            return left.filter { $0.inode == number && ($0.born == nil || $0.born == born) }.flatMap {
                [$0.uid, $0.gid]
            }
        }
        #expect(try owner(tree.lower / "kept") == [70, 80])
        #expect(try owner(tree.upper / "new") == [5, 6])
        for number in 1...5 { #expect(try owner(tree.upper / Path("l\(number)")) == []) }
        // The copies of the overlay have numbers of their own.
        #expect(try owner(tree.upper / "there") == [72, 80])
        #expect(try owner(tree.upper / "touched") == [73, 80])
        #expect(try owner(tree.upper / "hard") == [73, 80])
        #expect(try owner(tree.upper / "given") == [9, 80])
    }

    /// What the supervisor writes is not there for a step, and a layer's attributes are what they were.
    @Test func recordsAreHidden() async throws {
        let pair = try Pair()
        let path = pair.single.lower / "etc/file"
        try FileSystem.writeFile(path, Array("x".utf8))
        try InodeRecord(mode: 0o604, uid: 12, gid: 13).write(to: path)
        try ExtendedAttributes.set(
            InodeRecord.attribute, Array("not a record, which is twenty bytes".utf8), of: pair.single.lower / "etc")
        let done = try await pair.runSingle(
            "stat -c '%a %u:%g' /etc/file /etc; cp -a /etc/file /tmp/copy; chown 0:0 /tmp/copy; chmod 600 /tmp/copy")
        #expect(done.lines == ["604 12:13", "755 0:0"])
        #expect(try ExtendedAttributes.value(InodeRecord.attribute, of: pair.single.upper / "tmp/copy") == nil)
    }

    /// A step that does its worst ends, and so does its supervisor; what it leaves is its own affair.
    @Test func stepsThatAreKilledOrRace() async throws {
        let pair = try Pair()
        let long = String(repeating: "x/", count: 3000)
        let done = try await pair.runSingle(
            """
            cd /tmp; for i in 1 2 3 4 5 6; do (while :; do touch a$i; chown 5:5 a$i; mv a$i b; mkdir d; ln -s d s
            chown -h 3 s; mv s d/; rm -r d; mknod n c 1 3; chmod 0 n; rm n b; stat '\(long)' ; chown 1 '\(long)'
            done) 2>/dev/null >/dev/null & done
            for n in 1 2; do timeout -s KILL 1 sh -c 'while :; do mkfifo p; chown 2 p; rm p; done'; done
            kill -9 -1; exit 3
            """
        ) { $0.user = SandboxUser(uid: 0, gid: 0, groups: []) }
        #expect(done.status == .exited(3))
        #expect(try await pair.runSingle("cd /tmp; touch y; chown 5 y; stat -c %u y").output == "5\n")
    }
}

extension BusyboxTree {
    /// What a file of the layer is to steps of `single`.
    func truthOfRecorded(_ path: Path) throws -> FileStatus { try TreeOwnership.recorded.status(upper / path) }
}
