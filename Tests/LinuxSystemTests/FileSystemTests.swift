import Glibc
import LinuxSystem
import Synchronization
import Testing

@Suite("Files")
struct FileSystemTests {
    let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory() }

    @Test("an atomic write leaves the content and nothing beside it")
    func atomicWrite() throws {
        let file = scratch.path / "a"
        try FileSystem.writeAtomically([1, 2, 3], to: file)
        try FileSystem.writeAtomically([4], to: file)
        #expect(try FileSystem.readFile(file) == [4])
        #expect(try DirectoryListing.entries(at: scratch.path).map(\.name) == ["a"])
    }

    @Test("a tree deeper than the descriptor limit goes whole")
    func deepTree() throws {
        let top = scratch.path / "deep"
        try FileSystem.makeDirectory(top)
        var directory = try OwnedDescriptor.open(top, O_RDONLY)
        for _ in 0..<4000 {
            try FileSystem.makeDirectory("d", at: directory.raw)
            directory = try OwnedDescriptor.open("d", O_RDONLY, at: directory.raw)
        }
        // Low enough for the tree, high enough for whatever other tests do meanwhile.
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var before = rlimit()
        #expect(getrlimit(resource, &before) == 0)
        var low = before
        low.rlim_cur = min(before.rlim_cur, 3000)
        #expect(setrlimit(resource, &low) == 0)
        defer { setrlimit(resource, &before) }
        try FileSystem.removeTree(top)
        #expect(!FileSystem.exists(top))
    }

    @Test("a pipe is waited for where somebody holds its writing end, and empty where nobody does")
    func fifos() async throws {
        let pipe = scratch.path / "pipe"
        try FileSystem.makeNode(pipe, type: .fifo, mode: 0o600)
        #expect(try FileSystem.readFile(pipe) == [])
        // The second reader, which reads nothing, keeps what is in the pipe should the first one come after the writer.
        let keeper = try OwnedDescriptor.open(pipe, O_RDONLY | O_NONBLOCK)
        var writer: OwnedDescriptor? = try OwnedDescriptor.open(pipe, O_WRONLY)
        async let content = BlockingPool.shared.run { try FileSystem.readFile(pipe) }
        // Time for the reader to find nothing yet; without it the test holds all the same.
        try await Task.sleep(for: .milliseconds(50))
        try Array("late".utf8).withUnsafeBytes { try writer?.writeAll($0) }
        writer = nil
        #expect(try await content == Array("late".utf8))
        _ = consume keeper
    }

    @Test("removal does not follow a symbolic link")
    func removalStaysInside() throws {
        try FileSystem.makeDirectory(scratch.path / "kept")
        try FileSystem.writeFile(scratch.path / "kept/file", [1])
        try FileSystem.makeDirectory(scratch.path / "gone")
        try FileSystem.symlink(target: "../kept", at: scratch.path / "gone/link")
        try FileSystem.removeTree(scratch.path / "gone")
        #expect(FileSystem.exists(scratch.path / "kept/file"))
    }

    @Test("a path opened in a root stays in it")
    func openInRoot() throws {
        try FileSystem.makeDirectory(scratch.path / "root")
        try FileSystem.writeFile(scratch.path / "outside", [1])
        try FileSystem.symlink(target: "../outside", at: scratch.path / "root/link")
        let root = try OwnedDescriptor.open(scratch.path / "root", O_RDONLY)
        #expect(throws: SystemError.self) { _ = try OwnedDescriptor.open("link", O_RDONLY, inRoot: root.raw) }
        #expect(throws: SystemError.self) { _ = try OwnedDescriptor.open("../outside", O_RDONLY, inRoot: root.raw) }
    }

    @Test("extended attributes come back as they were set")
    func attributes() throws {
        let file = scratch.path / "x"
        try FileSystem.writeFile(file, [])
        let name = Array("user.test".utf8)
        try ExtendedAttributes.set(name, [0, 255, 10], of: file)
        #expect(try ExtendedAttributes.value(name, of: file) == [0, 255, 10])
        #expect(try ExtendedAttributes.names(of: file).contains(name))
        try ExtendedAttributes.remove(name, of: file)
        #expect(try ExtendedAttributes.value(name, of: file) == nil)
    }

    @Test(
        "a pool runs more blocking calls at once than there are cores, and than its limit where they wait for each other",
        .timeLimit(.minutes(2)), arguments: [64, 20, 1])
    func pool(limit: Int) async throws {
        // Each call blocks until all have begun: with fewer threads than calls this would never end.
        let begun = Begun()
        let calls = 24
        // Not the shared one: what others do there may be waiting for a thread as well.
        let pool = BlockingPool(limit: limit)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<calls {
                group.addTask {
                    try await pool.run {
                        begun.count.add(1, ordering: .relaxed)
                        begun.wait(for: calls)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(begun.count.load(ordering: .relaxed) == calls)
        // What is above the limit goes when there is nothing to do, and what stays still works.
        while pool.threadCount > limit { try await Task.sleep(for: .milliseconds(5)) }
        #expect(try await pool.run { 7 } == 7)
    }

    @Test("what work holds is let go when it is done, not when the queue is empty")
    func poolLetsGo() {
        let pool = BlockingPool(limit: 1)
        let (gate, arrived) = (Begun(), Begun())
        weak var held: Begun?
        do {
            let holding = Begun()
            held = holding
            pool.submit {
                gate.wait(for: 1)
                holding.count.add(1, ordering: .relaxed)
            }
        }
        // Two more wait behind it, and the second of them still does when the first is looked at.
        pool.submit {
            arrived.count.add(1, ordering: .releasing)
            gate.wait(for: 2)
        }
        pool.submit {}
        gate.count.add(1, ordering: .releasing)
        arrived.wait(for: 1)
        #expect(held == nil)
        gate.count.add(1, ordering: .releasing)
    }

    @Test("a lock is exclusive until it goes")
    func locks() throws {
        let path = scratch.path / "lock"
        var held: FileLock? = try FileLock(path)
        #expect(held != nil)
        #expect(try FileLock.attempt(path) == nil)
        held = nil
        #expect(try FileLock.attempt(path) != nil)
    }

    @Test("a program's output, status and time limit")
    func programs() throws {
        let outcome = try ChildProcess.run(["/bin/sh", "-c", "cat; echo no >&2; exit 3"], input: Array("in".utf8))
        #expect(outcome.status == 3)
        #expect(outcome.output == Array("in".utf8))
        #expect(outcome.error == Array("no\n".utf8))
        #expect(throws: SystemError.self) { try ChildProcess.run(["/bin/sleep", "9"], timeoutSeconds: 0.2) }
    }
}

private final class Begun: Sendable {
    let count = Atomic<Int>(0)

    func wait(for wanted: Int) {
        while count.load(ordering: .acquiring) < wanted { _ = usleep(1000) }
    }
}
