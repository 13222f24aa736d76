import Glibc
import LinuxSystem

/// Where these tests work: a folder beside the test binary, made anew by each run, with one base image in
/// ocibuild's store and in buildah's.
struct Workplace: Sendable {
    /// The base image's name, in both stores.
    static let base = "localhost/interop-base:1"

    /// Where the build put its binaries.
    let products: Path
    let folder: Path
    /// The `ocibuild` binary that this test run was built with.
    let binary: Path

    /// Made once for the run, by the first test that asks.
    static let shared = Task { try await Workplace() }

    private init() async throws {
        products = try Self.productsOfThisRun()
        binary = products / "ocibuild"
        guard FileSystem.exists(binary) else {
            throw Tool.Failure(arguments: ["\(binary)"], status: 127, said: "the command is not built beside the tests")
        }
        guard geteuid() == 0 else {
            throw Tool.Failure(arguments: ["buildah"], status: 1, said: "these tests compare file owners: run as root")
        }
        folder = products / "interop"
        if FileSystem.exists(folder) { try FileSystem.removeTree(folder) }
        try FileSystem.makeDirectories(folder)
        try await makeBase()
    }

    /// Runs ocibuild on the workplace's own store.
    @discardableResult
    func ocibuild(_ arguments: [String]) async throws -> String {
        try await Tool.run(["\(binary)", "--root", "\(folder / "store")"] + arguments)
    }

    /// Runs buildah on a storage of the workplace's own.
    @discardableResult
    func buildah(_ arguments: [String]) async throws -> String {
        let storage = ["--root", "\(folder / "buildah")", "--runroot", "\(folder / "buildah-run")"]
        return try await Tool.run(["buildah"] + storage + ["--storage-driver", "vfs"] + arguments)
    }

    /// A small busybox system, brought in by `ocibuild import` and handed to buildah as an OCI archive.
    private func makeBase() async throws {
        let script = Path(Repository.root) / "Fixtures/interop/make-base"
        let archive = folder / "base.tar"
        try await Tool.run(["sh", "-eu", "\(script)", "\(folder / "base")", "\(archive)"])
        try await ocibuild(["import", "\(archive)", Self.base])
        let saved = folder / "base-oci.tar"
        try await ocibuild(["save", "--format", "oci", "-o", "\(saved)", Self.base])
        let identity = try await buildah(["pull", "-q", "oci-archive:\(saved)"])
        try await buildah(["tag", String(identity.prefix(while: { !$0.isWhitespace })), Self.base])
    }

    private static func productsOfThisRun() throws -> Path {
        let executable = try FileSystem.readLink("/proc/self/exe")
        return executable.parent ?? "/"
    }
}

/// The repository these tests belong to.
enum Repository {
    /// Its root, found from where this file was compiled.
    static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
}
