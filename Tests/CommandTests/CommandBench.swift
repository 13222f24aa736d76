import Glibc
import LinuxSystem
import Testing

/// The built `ocibuild` with a store, a home and an environment of its own.
final class CommandBench: Sendable {
    /// What a finished run left.
    struct Outcome: CustomStringConvertible {
        let status: Int32
        let output: String
        let error: String

        var description: String { "status \(status)\n--- output\n\(output)--- error\n\(error)" }
    }

    /// A tool that these tests need and that is not there, or a set-up that failed.
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    /// The base image's name in the store.
    static let base = "localhost/base:1"

    let folder: TemporaryDirectory
    let root: Path
    private let environment: [String: String]

    init(root: Path? = nil) throws {
        guard geteuid() == 0 else { throw Unusable(description: "these tests run builds in namespaces: run as root") }
        folder = try TemporaryDirectory(prefix: "command-")
        self.root = root ?? folder.path / "store"
        // No proxies, no credentials, no settings of whoever runs the tests.
        environment = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "\(folder.path)/home",
            "OCIBUILD_ROOT": "\(self.root)", "LANG": "C.UTF-8",
        ]
        try FileSystem.makeDirectories(folder.path / "home")
    }

    /// The command beside the test binary.
    static func binary() throws -> Path {
        let products = try FileSystem.readLink("/proc/self/exe").parent ?? "/"
        let binary = products / "ocibuild"
        guard FileSystem.exists(binary) else { throw Unusable(description: "\(binary) is not built") }
        return binary
    }

    /// Runs the command and waits.
    func run(
        _ arguments: String..., input: String = "", environment extra: [String: String] = [:]
    ) async throws -> Outcome {
        try await outcome(of: ["\(try Self.binary())"] + arguments, input: input, environment: extra)
    }

    /// Runs the command with these words and waits.
    func run(_ arguments: [String]) async throws -> Outcome {
        try await outcome(of: ["\(try Self.binary())"] + arguments)
    }

    /// Runs the command and fails the test unless it ends with 0.
    @discardableResult
    func succeed(_ arguments: String..., input: String = "") async throws -> String {
        let outcome = try await outcome(of: ["\(try Self.binary())"] + arguments, input: input)
        guard outcome.status == 0 else {
            throw Unusable(description: "\(arguments) ended with \(outcome.status): \(outcome.error)")
        }
        return outcome.output
    }

    /// Runs a shell script with the command's environment; `$OCIBUILD` is the command, `$WORK` the bench's folder.
    func script(_ text: String) async throws -> Outcome {
        try await outcome(
            of: ["sh", "-c", text], environment: ["OCIBUILD": "\(try Self.binary())", "WORK": "\(folder.path)"])
    }

    /// The time limit is for what hangs, and far above what a busy machine needs.
    private func outcome(
        of words: [String], input: String = "", environment extra: [String: String] = [:]
    ) async throws -> Outcome {
        let environment = environment.merging(extra) { $1 }
        let outcome = try await BlockingPool.shared.run {
            try ChildProcess.run(words, input: Array(input.utf8), environment: environment, timeoutSeconds: 300)
        }
        return Outcome(
            status: outcome.status, output: String(decoding: outcome.output, as: UTF8.self),
            error: String(decoding: outcome.error, as: UTF8.self))
    }

    /// Makes a context with a Dockerfile and files, and returns its path.
    func context(_ dockerfile: String?, files: [String: String] = [:]) throws -> String {
        let place = folder.path / Path("context")
        if FileSystem.exists(place) { try FileSystem.removeTree(place) }
        try FileSystem.makeDirectories(place)
        if let dockerfile { try FileSystem.writeFile(place / "Dockerfile", Array(dockerfile.utf8)) }
        for (name, text) in files { try FileSystem.writeFile(place / Path(name), Array(text.utf8)) }
        return "\(place)"
    }

    /// Brings a busybox system into the store as ``base``.
    func importBase() async throws {
        try await succeed("import", "\(try await Self.baseArchive.value)", Self.base)
    }

    /// A tar of a busybox system, made once by each run, beside the test binary.
    static let baseArchive = Task {
        let folder = try binary().parent.map { $0 / "command-base" } ?? "/var/tmp/command-base"
        if FileSystem.exists(folder) { try FileSystem.removeTree(folder) }
        try FileSystem.makeDirectories(folder)
        let text = """
            set -eu
            cd "\(folder)"
            mkdir -p tree/bin tree/etc tree/dev tree/proc tree/sys tree/root
            mkdir -m 1777 tree/tmp
            cp "$(command -v busybox)" tree/bin/busybox
            for name in sh echo cat ls sleep dd mkdir rm true false; do ln -s busybox "tree/bin/$name"; done
            echo root:x:0:0:root:/root:/bin/sh >tree/etc/passwd
            echo root:x:0: >tree/etc/group
            tar -C tree --numeric-owner -cf base.tar .
            """
        let outcome = try await BlockingPool.shared.run {
            try ChildProcess.run(["sh", "-c", text], timeoutSeconds: 60)
        }
        guard outcome.status == 0 else {
            throw Unusable(
                description: "no base image (install busybox-static): \(String(decoding: outcome.error, as: UTF8.self))"
            )
        }
        return folder / "base.tar"
    }
}

extension CommandBench.Outcome {
    /// The last line of standard error.
    var complaint: String {
        String(error.split(separator: "\n").last ?? "")
    }
}
