import Glibc
import LinuxSystem
import TestSupport

/// Where the fixtures are built: a store for each rung, and the bases and packages that all of them share.
actor RungWorkplace {
    /// What could not be made or run.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The bases by name, and the packages that they have over a minimal system.
    private static let debian = [
        "debian": "ca-certificates,libcap2-bin,attr,rsync,python3",
        "debian-tools": "ca-certificates,libcap2-bin,attr,rsync,git,python3-pip,python3-venv",
    ]

    /// What the fixtures install.
    static let packages = [
        "openssh-client", "dbus", "cron", "sudo", "postfix", "man-db", "nginx-light", "postgresql",
    ]

    /// Made once for the run, by the first test that asks.
    static let shared = Task { try await RungWorkplace() }

    /// Stores on a real disk, where overlayfs and attributes are what most users have.
    private let disk: Path
    /// Stores in memory, for what writes much and synchronises often. On the disk where there is little memory.
    private let memory: Path
    private let binary: Path
    private var archives: [String: Path] = [:]
    private var ready: [Path: Task<Void, any Error>] = [:]
    private let server: FileServer
    /// The folders have fixed names, so that a run which was killed leaves nothing for long: one run at a time.
    private let lock: FileLock

    private init() async throws {
        guard geteuid() == 0 else { throw Failure(description: "these tests become several users: run as root") }
        lock = try await BlockingPool.shared.run { try FileLock("/var/tmp/ocibuild-rungs.lock") }
        let products = try FileSystem.readLink("/proc/self/exe").parent ?? "/"
        disk = try Self.emptied("/var/tmp/ocibuild-rungs")
        let shared = try? FileSystem.freeSpace(at: "/dev/shm")
        memory = (shared ?? 0) > 8 << 30 ? try Self.emptied("/dev/shm/ocibuild-rungs") : disk
        // What is in memory goes when the tests end.
        atexit { try? FileSystem.removeTree("/dev/shm/ocibuild-rungs") }
        // Everybody may read these, wherever the checkout is.
        binary = disk / "ocibuild"
        let fixtures = RungFixture.folder
        _ = try await Self.output(["cp", "\(products)/ocibuild", "\(binary)"])
        _ = try await Self.output(["cp", "-r", "--no-preserve=ownership", "\(fixtures)", "\(disk)/fixtures"])
        _ = try await Self.output(["chmod", "-R", "a+rX", "\(disk)/fixtures", "\(binary)"])
        let kept = "/var/tmp/ocibuild-tests"
        for (name, packages) in Self.debian {
            archives[name] = Path(try await Self.output(["\(fixtures)/make-base", kept, packages]))
        }
        let maker = fixtures.parent.map { $0 / "interop/make-base" } ?? ""
        archives["busybox"] = disk / "busybox.tar"
        _ = try await Self.output(["sh", "\(maker)", "\(disk)/busybox", "\(disk)/busybox.tar"])
        let base = archives["debian"] ?? ""
        let packages = try await Self.output(["\(fixtures)/make-archive", kept, "\(base)"] + Self.packages)
        server = try FileServer(Path(packages))
    }

    /// Builds a fixture on a rung and reads what came of it.
    func build(_ fixture: RungFixture, on rung: Rung) async throws -> RungImage {
        let folder = (fixture.likeness == .bytes ? disk : memory) / Path("\(rung)")
        for base in fixture.bases.sorted() { try await have(base, on: rung, in: folder) }
        let image = "localhost/made:\(fixture.name)"
        let outcome = try await run(
            rung, in: folder,
            [
                "build", "--no-cache", "--progress", "plain", "--compression", "fast", "--build-arg",
                fixture.likeness == .bytes ? "SOURCE_DATE_EPOCH" : "ARCHIVE=\(server.address)", "-t", image,
                "\(disk)/fixtures/\(fixture.name)",
            ])
        guard outcome.status == 0 else {
            let said = String(decoding: outcome.error, as: UTF8.self).split(separator: "\n").suffix(40)
            throw Failure(
                description: "the build on \(rung) ended with \(outcome.status):\n" + said.joined(separator: "\n"))
        }
        return try await RungImage(image, in: folder / "store")
    }

    /// Sees to it that a store has a base.
    private func have(_ base: String, on rung: Rung, in folder: Path) async throws {
        let key = folder / Path(base)
        let task =
            ready[key]
            ?? Task {
                guard let archive = archives[base] else { throw Failure(description: "there is no base \(base)") }
                if !FileSystem.exists(folder / "home") {
                    try FileSystem.makeDirectories(folder / "home")
                    for path in [folder, folder / "home"] {
                        try FileSystem.setOwner(path, uid: rung.owner, gid: rung.owner)
                    }
                }
                let path = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
                let outcome = try await run(
                    rung, in: folder,
                    ["import", "--compression", "fast", "--change", path, "\(archive)", "localhost/\(base):1"])
                guard outcome.status == 0 else {
                    throw Failure(description: "no base: \(String(decoding: outcome.error, as: UTF8.self))")
                }
            }
        ready[key] = task
        try await task.value
    }

    /// Runs ocibuild as the rung's user. The time limit is for what hangs, far above what a busy machine needs.
    private func run(_ rung: Rung, in folder: Path, _ arguments: [String]) async throws -> ChildProcess.Outcome {
        let words =
            ["\(disk)/fixtures/on-rung", "\(rung)", "\(binary)", "--root", "\(folder)/store"] + arguments
        // No proxies, no credentials, no settings of whoever runs the tests.
        let environment = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "\(folder)/home",
            "LANG": "C.UTF-8", "SOURCE_DATE_EPOCH": "1700000000",
        ]
        return try await BlockingPool.shared.run {
            try ChildProcess.run(words, environment: environment, timeoutSeconds: 900)
        }
    }

    private static func emptied(_ path: Path) throws -> Path {
        if FileSystem.exists(path) { try FileSystem.removeTree(path) }
        try FileSystem.makeDirectories(path)
        return path
    }

    /// The last line that a program says.
    private static func output(_ words: [String]) async throws -> String {
        let outcome = try await BlockingPool.shared.run { try ChildProcess.run(words, timeoutSeconds: 1800) }
        guard outcome.status == 0 else {
            let said = String(decoding: outcome.error.suffix(2000), as: UTF8.self)
            throw Failure(
                description:
                    "\(words[0]) ended with \(outcome.status) (mmdebstrap, dpkg-dev, busybox-static and a Debian "
                    + "mirror are needed): \(said)")
        }
        return String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
    }
}
