import Glibc
import LinuxSystem
import Synchronization
import Testing

@testable import Sandboxing

/// A tree with a static busybox, as the only layer below an empty upper directory, and helpers to run shell lines in it.
final class BusyboxTree: Sendable {
    let folder: TemporaryDirectory
    var base: Path { folder.path }
    var lower: Path { base / "lower" }
    var upper: Path { base / "upper" }

    static let applets = [
        "sh", "cat", "ls", "echo", "id", "mkdir", "rm", "rmdir", "mv", "ln", "touch", "sleep", "kill", "ps", "stat",
        "true",
        "false", "mount", "umount", "chroot", "setsid", "env", "hostname", "ip", "mknod", "grep", "yes", "head", "wc",
        "readlink", "nc", "dd", "test", "seq", "chmod", "chown", "pwd", "find", "sort", "tr", "date", "sync", "ulimit",
    ]

    /// With `bare`, nothing but /bin. Otherwise also /etc, /tmp, /root, and /dev, /proc and /sys to mount on.
    init(bare: Bool = false) throws {
        #expect([.single, .singleInContainer].contains(TestRung.current) || getuid() == 0, "these tests need root")
        folder = try TemporaryDirectory(prefix: "sandboxing-")
        try #require(FileSystem.exists("/bin/busybox"), "needs the Debian package busybox-static")
        for directory in ["lower", "upper"] { try FileSystem.makeDirectory(base / Path(directory)) }
        try FileSystem.makeDirectory(lower / "bin")
        try FileSystem.writeFile(lower / "bin/busybox", FileSystem.readFile("/bin/busybox"), mode: 0o755)
        for applet in Self.applets { try FileSystem.symlink(target: "busybox", at: lower / "bin" / Path(applet)) }
        if bare { return }
        for directory in ["etc", "tmp", "root", "dev", "proc", "sys"] {
            try FileSystem.makeDirectory(lower / Path(directory))
        }
        try FileSystem.setMode(lower / "tmp", 0o1777)
    }

    /// The tree with a work directory of its own each time: overlay refuses one that a volatile mount has used.
    var overlay: RootTree {
        let work = base / Path("work-\(UInt64.random(in: .min ... .max))")
        try? FileSystem.makeDirectory(work)
        return .overlay(lowers: [lower], upper: upper, work: work, base: base)
    }

    func spec(_ line: String, _ edit: (inout SandboxSpec) -> Void = { _ in }) -> SandboxSpec {
        var spec = SandboxSpec(root: overlay, command: ["/bin/sh", "-c", line], environment: ["PATH=/bin"])
        edit(&spec)
        return spec
    }

    /// Runs a shell line on the rung that this process tries.
    func run(_ line: String, _ edit: (inout SandboxSpec) -> Void = { _ in }) async throws -> Transcript {
        try await Transcript.of(TestRung.sandbox, spec(line, edit))
    }

    /// Runs a shell line on the `chroot` rung, in the lower directory itself.
    func runInChroot(_ line: String, _ edit: (inout SandboxSpec) -> Void = { _ in }) async throws -> Transcript {
        var spec = spec(line)
        spec.root = .directory(lower)
        edit(&spec)
        return try await Transcript.of(ChrootSandbox(), spec)
    }

    /// Gives a file of the tree to somebody, in the way of the rung.
    func own(_ path: Path, uid: UInt32, gid: UInt32) throws {
        if TestRung.current.isSingle {
            let mode = try FileSystem.status(path).mode
            return try InodeRecord(mode: mode, uid: uid, gid: gid).write(to: path)
        }
        try FileSystem.setOwner(path, uid: uid, gid: gid)
    }

    /// What a file of the tree is for steps.
    func truth(_ path: Path) throws -> FileStatus {
        try (TestRung.current.isSingle ? TreeOwnership.recorded : .real).status(path)
    }

    /// Path, type, mode, owner, size, link target and time of everything in `directory`, itself included.
    static func listing(of directory: Path) throws -> [String] {
        var lines: [String] = []
        var pending = [directory]
        while let path = pending.popLast() {
            let status = try FileSystem.status(path)
            let name = Path(bytes: path.bytes.dropFirst(directory.bytes.count))
            var line =
                "\(name) \(status.type) \(status.mode) \(status.uid):\(status.gid) \(status.size) \(status.modified)"
            if status.type == .symlink { line += " -> \(try FileSystem.readLink(path))" }
            if status.type == .regular { line += " #\(try FileSystem.readFile(path).hashValue)" }
            if status.type == .directory {
                pending += try DirectoryListing.entries(at: path).map { path / $0.name }
            }
            lines.append(line)
        }
        return lines.sorted()
    }
}

/// What a step said and how it ended.
struct Transcript: Sendable {
    let outcome: StepOutcome
    let output: String
    let error: String

    var status: Sandboxing.ExitStatus { outcome.status }
    var lines: [String] { output.split(separator: "\n").map(String.init) }

    static func of(_ sandbox: any Sandbox, _ spec: SandboxSpec) async throws -> Transcript {
        let collected = Mutex<[StepStream: [UInt8]]>([:])
        let outcome = try await sandbox.run(spec) { stream, bytes in
            collected.withLock { $0[stream, default: []].append(contentsOf: bytes) }
        }
        let streams = collected.withLock { $0 }
        return Transcript(
            outcome: outcome, output: String(decoding: streams[.stdout] ?? [], as: UTF8.self),
            error: String(decoding: streams[.stderr] ?? [], as: UTF8.self))
    }
}

func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
