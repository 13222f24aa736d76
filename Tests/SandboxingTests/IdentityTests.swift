import LinuxSystem
import Testing

@testable import Sandboxing

/// The rung `single` answers as the kernel does: the same programs as real root, and as nobody.
@Suite(.enabled(if: TestRung.current.isRoot)) struct IdentityTests {
    /// A tree with the program and copies that have set-id bits; `recorded`: as the rung `single` keeps owners.
    private static func tree(recorded: Bool) throws -> BusyboxTree {
        let tree = try BusyboxTree()
        let folder = tree.lower / "ids"
        try FileSystem.makeDirectory(folder)
        let program = try IdentityProgram.compiled.get()
        try FileSystem.writeFile(folder / "id", program, mode: 0o755)
        // That of "id-odd" is no group of anybody's: its set-group-ID bit without the right to execute means nothing.
        let files: [(name: Path, uid: UInt32, gid: UInt32, mode: UInt16, content: [UInt8])] = [
            ("id-1000", 1000, 0, 0o4755, program), ("id-0", 0, 0, 0o4755, program),
            ("id-1001", 0, 1001, 0o2755, program),
            ("id-both", 1, 1000, 0o6755, program), ("id-odd", 1000, 424_242, 0o6705, program),
            ("script", 1001, 1001, 0o6755, Array("#!/ids/id-both\n".utf8)),
            ("text", 1000, 1000, 0o6755, Array("nothing to run\n".utf8)),
        ]
        for file in files {
            let path = folder / file.name
            try FileSystem.writeFile(path, file.content)
            if !recorded { try FileSystem.setOwner(path, uid: file.uid, gid: file.gid) }
            try FileSystem.setMode(path, file.mode)
            if recorded {
                try InodeRecord(mode: file.mode, uid: file.uid, gid: file.gid).write(to: path)
            }
        }
        return tree
    }

    /// What the program says where the kernel answers, and where the supervisor does.
    private static func transcripts(_ words: [String], user: SandboxUser = .root) async throws -> [Transcript] {
        let folder = try TemporaryDirectory(prefix: "sandboxing-")
        let single = try withExtendedLifetime(folder) {
            try NamespaceTrial(storeRoot: folder.path).settle(NamespaceTraits(best: .single))
        }
        var found: [Transcript] = []
        for (sandbox, recorded) in [(try TestRung.sandbox, false), (NamespaceSandbox(single), true)] {
            let tree = try tree(recorded: recorded)
            var spec = tree.spec("")
            spec.command = ["/ids/id"] + words
            spec.user = user
            found.append(try await Transcript.of(sandbox, spec))
            withExtendedLifetime(tree) {}
        }
        return found
    }

    private static func expectSame(_ transcripts: [Transcript]) {
        let (kernel, supervisor) = (transcripts[0].lines, transcripts[1].lines)
        #expect(transcripts.allSatisfy { $0.status == .exited(0) && $0.error.isEmpty })
        #expect(!kernel.isEmpty)
        #expect(kernel.count == supervisor.count)
        for (line, other) in zip(kernel, supervisor) where line != other {
            Issue.record("the kernel: \(line)\nthe supervisor: \(other)")
            return
        }
    }

    @Test(arguments: 1...3) func randomCallsHaveTheKernelsAnswers(seed: Int) async throws {
        let transcripts = try await Self.transcripts(["random", "\(seed)", "250"])
        #expect(transcripts[0].lines.count > 2500)
        Self.expectSame(transcripts)
    }

    @Test func aStepThatIsNotRootToBeginWith() async throws {
        let user = SandboxUser(uid: 1000, gid: 1001, groups: [44, 27])
        Self.expectSame(try await Self.transcripts(["random", "9", "100"], user: user))
    }

    @Test func theOtherEndOfASocket() async throws {
        let transcripts = try await Self.transcripts(["peer"])
        Self.expectSame(transcripts)
        #expect(
            transcripts[1].lines == [
                "server is itself 0:0 0", "client is itself 1000:1001 5 9", "-1 1 8",
            ])
    }

    @Test(arguments: ["/ids/id", "/ids/id-0", "/ids/id-both"]) func aThreadExecutes(file: String) async throws {
        Self.expectSame(try await Self.transcripts(["threads", file]))
    }

    @Test func callsWithIdentifiersOfSixteenBits() async throws {
        Self.expectSame(try await Self.transcripts(["narrow"]))
    }
}
