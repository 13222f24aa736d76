import LinuxSystem
import OCIBuild
import OCIContent
import Synchronization
import Testing

/// A store, a busybox base image in it, and a context folder.
struct Workshop {
    let scratch: TemporaryDirectory
    let builder: Builder
    var context: Path { scratch.path / "context" }

    init(registry: RegistryOptions? = nil, environment: [String: String] = [:]) async throws {
        scratch = try TemporaryDirectory()
        builder = try Builder(root: "\(scratch.path)/store", registry: registry, environment: environment)
        try FileSystem.makeDirectory(scratch.path / "context")
        let base = scratch.path / "base"
        try FileSystem.makeDirectories(base / "bin")
        try FileSystem.makeDirectories(base / "etc")
        let outcome = try ChildProcess.run([
            "/bin/sh", "-c",
            """
            set -e; cd "$1"; cp /bin/busybox bin/busybox; for n in sh ls cat echo mkdir rm ln chmod id env stat sleep true false cp mv touch head pwd wc test chown date printf kill sed mkfifo; do ln -s busybox bin/$n; done
            echo 'root:x:0:0:root:/root:/bin/sh' > etc/passwd; echo 'app:x:1000:1000::/home/app:/bin/sh' >> etc/passwd
            printf 'root:x:0:\\napp:x:1000:\\n' > etc/group; mkdir -p tmp root; chmod 1777 tmp; tar --sort=name --mtime=@0 -cf ../base.tar .
            """, "sh", base.description,
        ])
        try #require(
            outcome.status == 0, "busybox-static and tar are needed: \(String(decoding: outcome.error, as: UTF8.self))")
        _ = try await builder.importTree(
            "\(scratch.path)/base.tar", as: Reference(parsing: "base"), changes: ["ENV PATH=/bin", "CMD [\"sh\"]"])
    }

    func write(_ name: Path, _ text: String) throws {
        if let parent = (context / name).parent { try FileSystem.makeDirectories(parent) }
        try FileSystem.writeFile(context / name, Array(text.utf8))
    }

    func build(
        _ dockerfile: String, options: BuildOptions = BuildOptions(),
        report: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> BuiltImage {
        try await builder.build(.text(dockerfile), context: context.string, options: options, report: report)
    }

    /// The rungs of the sandbox ladder that are there.
    static let rungs = [BuildOptions.IsolationChoice.root, .chroot]

    /// Expects that nothing half-done lies in the store, no snapshot that no name stands for, and no mount is left.
    func expectClean(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let store = scratch.path / "store"
        #expect(try DirectoryListing.entries(at: store / "tmp").map(\.name) == [], sourceLocation: sourceLocation)
        let mounts = try FileSystem.readFile("/proc/self/mountinfo", limit: 1 << 24)
        #expect(
            !String(decoding: mounts, as: UTF8.self).contains(store.description), sourceLocation: sourceLocation)
        let snapshots = try shell("cd \(store)/snapshots; ls | grep -vxE 'empty|chains-.*' || true")
        let named = try shell("cd \(store)/snapshots; cat /dev/null chains-*/* | tr '\n' ' '")
        for id in snapshots.split(separator: "\n") {
            #expect(named.contains(id), "the snapshot \(id) has no name", sourceLocation: sourceLocation)
        }
    }

    /// Runs a line of shell in the context folder.
    @discardableResult
    func shell(_ line: String) throws -> String {
        let outcome = try ChildProcess.run(["/bin/sh", "-ec", "cd \"$1\"; \(line)", "sh", context.description])
        try #require(outcome.status == 0, "\(line): \(String(decoding: outcome.error, as: UTF8.self))")
        return String(decoding: outcome.output, as: UTF8.self)
    }

    /// Builds, and tells what was done and what was cached.
    func record(_ dockerfile: String, options: BuildOptions = BuildOptions()) async throws -> Recording {
        let events = EventLog()
        let image = try await build(dockerfile, options: options) { events.add($0) }
        return Recording(image: image, events: events.all)
    }

    /// The entries of the image's layers, without the base's, as tar lists them: mode, owner, size, time, name.
    func layers(_ image: BuiltImage, above base: Int = 1) async throws -> [[String]] {
        let manifest = try await builder.store.manifest(of: image.manifest)
        return try manifest.layers.dropFirst(base).map { layer in
            try shell("tar --numeric-owner --full-time -tvf \(blob(layer)) | sed 's/  */ /g'").split(separator: "\n")
                .map(String.init)
        }
    }

    /// A tree as lines of path, type, mode, owner, size, link target, and number of names where there are several.
    func listing(_ tree: Path) throws -> [String] {
        let format = #"%P %y %m %U:%G %s %l n%n\n"#
        return try shell("cd \(tree); find . -mindepth 1 -printf '\(format)' | LC_ALL=C sort").split(separator: "\n")
            .map {
                line in
                var fields = line.split(separator: " ").map(String.init)
                // How large a folder is, and how many names it has, is the file system's own affair.
                if fields[1] == "d" { fields.removeSubrange(4...) }
                if fields.last == "n1" { fields.removeLast() }
                return fields.joined(separator: " ")
            }
    }

    /// Manifest and configuration of an image.
    func details(_ image: BuiltImage) async throws -> (manifest: ImageManifest, config: ImageConfig) {
        let manifest = try await builder.store.manifest(of: image.manifest)
        return (manifest, try await builder.store.config(of: manifest.config))
    }

    /// Where the store keeps a blob.
    func blob(_ descriptor: Descriptor) -> Path {
        scratch.path / "store" / "blobs/sha256" / Path(descriptor.digest.hex)
    }

    /// A file of an image, as text.
    func text(_ path: Path, of image: BuiltImage) async throws -> String {
        String(decoding: try FileSystem.readFile(try await tree(image) / path), as: UTF8.self)
    }

    /// The files of an image, as `-o type=dir` writes them.
    func tree(_ image: BuiltImage) async throws -> Path {
        let path = scratch.path / Path("tree-\(UInt32.random(in: .min ... .max))")
        try await builder.export(image, to: BuildOutput(kind: .dir, destination: path.description))
        return path
    }
}

/// The events of a build, gathered from any thread.
final class EventLog: Sendable {
    private let events = Mutex<[BuildEvent]>([])
    var all: [BuildEvent] { events.withLock { $0 } }
    func add(_ event: BuildEvent) { events.withLock { $0.append(event) } }
}

/// A build that is over.
struct Recording {
    let image: BuiltImage
    let events: [BuildEvent]

    private var titles: [Int: String] {
        for case .planned(let steps) in events {
            return Dictionary(uniqueKeysWithValues: steps.map { ($0.id, $0.title) })
        }
        return [:]
    }

    /// The first words of the steps that were done, bases left out, in the order in which they began.
    var done: [String] {
        events.compactMap { if case .stepStarted(let id) = $0 { titles[id] } else { nil } }.filter {
            !$0.hasPrefix("FROM")
        }
    }

    /// The steps that were found in the cache.
    var cached: [String] { events.compactMap { if case .stepCached(let id) = $0 { titles[id] } else { nil } } }

    /// The steps that a shared cache had, and its name.
    var shared: [String: String] {
        events.reduce(into: [:]) { found, event in
            if case .stepCachedFrom(let id, let place) = event, let title = titles[id] { found[title] = place }
        }
    }

    var warnings: [String] { events.compactMap { if case .warning(let text) = $0 { text } else { nil } } }

    var notes: [String] { events.compactMap { if case .note(let text) = $0 { text } else { nil } } }

    /// What the steps wrote.
    var output: String {
        String(
            decoding: events.flatMap { if case .stepOutput(_, _, let bytes) = $0 { bytes } else { [UInt8]() } },
            as: UTF8.self)
    }
}

final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}
