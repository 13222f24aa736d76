import Archive
import Layers
import LinuxSystem

/// Tables of contents, which stand for layers that are not unpacked.
enum TableSuites {
    private static let count = 20_000

    static let entries: [SuiteEntry] = [
        .micro("table", "lookups in tables of contents, and their form on disk", lookups)
    ]

    private static func lookups(_ session: BenchSession) throws -> Suite {
        let entries = SampleTree.entries(count)
        let table = TableOfContents(entries: entries.map { TableEntry($0) })
        let bytes = table.encode()
        let small = (0..<30).map { layer in
            TableOfContents(entries: entries.filter { $0.type == .directory || layer == 15 }.map { TableEntry($0) })
        }
        let merged = MergedTree(small)
        let paths = entries.map(\.path)
        return Suite(
            name: "table", workload: "tables of contents, \(bytes.count >> 10) KiB", inputSize: 0, items: Int64(count),
            subjects: [
                Subject(name: "encode") { _ = table.encode() },
                Subject(name: "decode") { _ = try TableOfContents(decoding: bytes) },
                Subject(name: "lookup in one layer") {
                    guard paths.allSatisfy({ table.entry(at: $0) != nil }) else { throw BenchError("a path is lost") }
                },
                Subject(name: "lookup in 30 layers") {
                    guard paths.allSatisfy({ merged.lookup($0) != nil }) else { throw BenchError("a path is lost") }
                },
            ])
    }
}
