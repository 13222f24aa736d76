import Codecs
import Layers
import LinuxSystem

/// Layers that become files, on a file system made for it: beside a plain C loop that trusts its input, and beside tools
/// that people use. ocibuild takes the digest of the tar as well, resolves names below a root, and makes the table.
enum UnpackSuites {
    private static let count = 50_000

    static let entries: [SuiteEntry] = [
        .micro("unpack-many", "50,000 small files, beside plain C, tar, bsdtar and umoci", many),
        .micro("unpack-large", "programs and libraries, gzip, beside igzip | tar, tar -z and bsdtar", large),
    ]

    private static func many(_ session: BenchSession) throws -> Suite {
        let folder = try session.workplace.fileSystem()
        let (tar, gzip) = ("\(folder)/many.tar", "\(folder)/many.tar.gz")
        try Command.run(
            "cd '\(folder)' && " + SampleTree.making(count, in: "many")
                + " && tar -C many --sort=name --format=ustar --owner=0 --group=0 --numeric-owner -cf '\(tar)' $(ls many)"
                + " && gzip -6 -k '\(tar)'")
        let targets = Targets(folder)
        var subjects = [ours("ocibuild, tar", tar, targets), ours("ocibuild, gzip", gzip, targets)]
        if let loop = plainLoop(session) {
            subjects += [1, 2].map { threads in
                Subject(name: "plain C, \(threads) thread\(threads > 1 ? "s" : ""), tar") {
                    try Command.run("'\(loop)' '\(tar)' '\(targets.next())' \(threads)")
                }
            }
        }
        subjects +=
            try tools(
                [("tar", "tar -x", "tar -xf '\(tar)' -C"), ("bsdtar", "bsdtar -x", "bsdtar -xf '\(tar)' -C")], targets,
                session)
            + umoci(tar, folder, session)
        return Suite(
            name: "unpack-many", workload: "files of about 1.5 kB", inputSize: session.workplace.size(of: tar) ?? 0,
            items: Int64(count), subjects: subjects)
    }

    private static func large(_ session: BenchSession) throws -> Suite {
        let folder = try session.workplace.fileSystem()
        let gzip = "\(folder)/large.tar.gz"
        // A few files, each with parts of many programs in it.
        try Command.run(
            "cd '\(folder)' && mkdir large && split -b 64M '\(try session.workplace.sample(session.options.size))' large/"
                + " && tar -C large --sort=name --format=ustar --owner=0 --group=0 -cf - . | gzip -6 >'\(gzip)'")
        let targets = Targets(folder)
        let subjects =
            [ours("ocibuild, gzip", gzip, targets)]
            + tools(
                [
                    ("igzip", "igzip -d | tar -x", "igzip -d -c '\(gzip)' | tar -xf - -C"),
                    ("tar", "tar -xz", "tar -xzf '\(gzip)' -C"),
                    ("bsdtar", "bsdtar -x, gzip", "bsdtar -xf '\(gzip)' -C"),
                ], targets, session)
        return Suite(
            name: "unpack-large", workload: "files of 64 MiB, programs and libraries",
            inputSize: Int64(session.options.size) << 20, subjects: subjects)
    }

    // MARK: Subjects

    private static func ours(_ name: String, _ blob: String, _ targets: Targets) -> Subject {
        Subject(name: name) {
            let tar = ReadAheadReader(try DecompressingReader(sniffing: FileByteReader(Path(blob))))
            let applied = try LayerApplier(root: Path(try targets.next()), form: .overlay()).apply(tar)
            _ = (applied.contents.encode(), try tar.finish())
        }
    }

    /// Those of the programs that are installed; a line ends where the folder to unpack into follows.
    private static func tools(
        _ lines: [(program: String, name: String, line: String)], _ targets: Targets, _ session: BenchSession
    ) -> [Subject] {
        lines.compactMap { program, name, line in
            guard Command.exists(program) else {
                session.note("\(program) is not installed, and did not take part")
                return nil
            }
            return Subject(name: name) { try Command.run("\(line) '\(targets.next())'") }
        }
    }

    private static func umoci(_ tar: String, _ folder: String, _ session: BenchSession) throws -> [Subject] {
        guard Command.exists("umoci") else {
            session.note("umoci is not installed, and did not take part")
            return []
        }
        try Command.run(
            "cd '\(folder)' && umoci init --layout image && umoci new --image image:1"
                + " && umoci raw add-layer --image image:1 '\(tar)' >/dev/null")
        let targets = Targets(folder, isMade: false)
        return [
            Subject(name: "umoci unpack, gzip") {
                try Command.run("cd '\(folder)' && umoci unpack --image image:1 '\(targets.next())'")
            }
        ]
    }

    /// The program of `plain-unpack.c`, which lies at the top of this package.
    private static func plainLoop(_ session: BenchSession, source: String = #filePath) -> String? {
        let package = source.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        let program = "\(session.workplace.path)/plain-unpack"
        do { try Command.run("cc -O2 -pthread -o '\(program)' '\(package)/plain-unpack.c'") } catch {
            session.note("the plain C loop could not be compiled: apt-get install gcc")
            return nil
        }
        return program
    }

    /// Folders to unpack into, a new one each time: what is deleted would disturb what is measured next.
    private final class Targets {
        private let folder: String
        private let isMade: Bool
        nonisolated(unsafe) private static var count = 0  // Suites run one after the other.

        init(_ folder: String, isMade: Bool = true) {
            self.folder = folder
            self.isMade = isMade
        }

        func next() throws -> String {
            Self.count += 1
            let path = "\(folder)/out\(Self.count)"
            if isMade { try Command.run("mkdir '\(path)'") }
            return path
        }
    }
}
