import Archive
import Codecs
import Dockerfile
import Layers
import LinuxSystem
import OCISpec

/// A piece of work that a process of its own does `count` times, so that its instructions can be counted.
struct Probe: Sendable {
    let name: String
    let run: @Sendable (Int) throws -> Void

    static let all = [
        Probe(name: "tar entry written") { count in
            let tar = TarWriter(NullWriter())
            for entry in SampleTree.entries(count) { try tar.append(entry) }
            try tar.finish()
        },
        Probe(name: "layer entry written") { count in
            let layer = LayerWriter(NullWriter(), options: .init(compression: .none, threads: 1))
            for entry in SampleTree.entries(count) { try layer.append(entry) }
            _ = try layer.finish()
        },
        Probe(name: "tar entry read") { count in
            let bytes = BytesWriter()
            let tar = TarWriter(bytes)
            for entry in SampleTree.entries(count) { try tar.append(entry) }
            try tar.finish()
            _ = try TableScanner.scan(BytesReader(bytes.bytes))
        },
        Probe(name: "table entry encoded and decoded") { count in
            let table = TableOfContents(entries: SampleTree.entries(count).map { TableEntry($0) })
            _ = try TableOfContents(decoding: table.encode())
        },
        Probe(name: "reference parsed") { count in
            for index in 0..<count {
                _ = try Reference(parsing: ParsingSuites.names[index % ParsingSuites.names.count])
            }
        },
        Probe(name: "Dockerfile instruction") { count in try ParsingSuites.lower(ParsingSuites.dockerfile(count)) },
    ]
}
