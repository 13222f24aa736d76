import Archive
import Codecs
import Layers
import LinuxSystem

/// Writing and reading tars: many small files, where the cost is that of the entries.
enum TarSuites {
    private static let count = 20_000

    static let entries: [SuiteEntry] = [
        .micro("tar-entries", "headers written to nowhere, in this process", headers),
        .micro("tar-write", "a tree of 20,000 files as a tar, beside tar and bsdtar", write),
        .micro("tar-read", "the table of a tar of 20,000 files, beside tar -t and bsdtar -t", read),
    ]

    private static func headers(_ session: BenchSession) -> Suite {
        let entries = SampleTree.entries(count)
        return Suite(
            name: "tar-entries", workload: "headers of small files", inputSize: 0, items: Int64(count),
            subjects: [
                Subject(name: "ocibuild TarWriter") {
                    let tar = TarWriter(NullWriter())
                    for entry in entries { try tar.append(entry) }
                    try tar.finish()
                },
                Subject(name: "ocibuild LayerWriter, with DiffID and table") {
                    let layer = LayerWriter(NullWriter(), options: .init(compression: .none, threads: 1))
                    for entry in entries { try layer.append(entry) }
                    _ = try layer.finish()
                },
            ])
    }

    private static func write(_ session: BenchSession) throws -> Suite {
        let folder = try tree(session)
        return Suite(
            name: "tar-write", workload: "a tree of small files, read from the page cache", inputSize: 0,
            items: Int64(count),
            subjects: [
                Subject(name: "ocibuild, with DiffID and table") {
                    let empty = "\(folder).empty"
                    try Command.run("mkdir -p '\(empty)'")
                    let differ = try ScanningDiffer(root: Path(folder), before: TreeScan(of: Path(empty)))
                    let layer = LayerWriter(NullWriter(), options: .init(compression: .none, threads: 1))
                    try layer.write(differ.changes())
                    _ = try layer.finish()
                },
                // Into a pipe: both look whether the output is /dev/null, and then read nothing.
                Subject(name: "tar -c", command: "tar -C '\(folder)' --sort=name -cf - . | cat >/dev/null"),
                Subject(name: "bsdtar -c", command: "bsdtar -C '\(folder)' -cf - . | cat >/dev/null"),
            ])
    }

    private static func read(_ session: BenchSession) throws -> Suite {
        let folder = try tree(session)
        let file = "\(folder).tar"
        try Command.run("tar -C '\(folder)' --sort=name -cf '\(file)' .")
        return Suite(
            name: "tar-read", workload: "a tar of small files", inputSize: session.workplace.size(of: file) ?? 0,
            items: Int64(count),
            subjects: [
                Subject(name: "ocibuild, table of contents") {
                    _ = try TableScanner.scan(FileByteReader(Path(file)))
                },
                Subject(name: "tar -t", command: "tar -tf '\(file)' >/dev/null"),
                Subject(name: "bsdtar -t", command: "bsdtar -tf '\(file)' >/dev/null"),
            ])
    }

    private static func tree(_ session: BenchSession) throws -> String {
        let folder = "\(session.workplace.path)/tree"
        if session.workplace.size(of: folder) == nil {
            try Command.run("cd '\(session.workplace.path)' && " + SampleTree.making(count, in: "tree"))
        }
        return folder
    }
}
