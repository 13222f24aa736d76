import Archive
import Codecs
import Dockerfile
import Layers
import LinuxSystem
import OCISpec

/// A piece of work that a process of its own does so many times, so that its instructions can be counted.
struct Probe: Sendable {
    let name: String
    /// Prepares, and then does the work on ``things`` things as often as it is told.
    let run: @Sendable (Int) throws -> Void

    static let things = 500

    static let all = [
        Probe(name: "tar entry written") { rounds in
            let entries = SampleTree.entries(things)
            for _ in 0..<rounds {
                let tar = TarWriter(NullWriter())
                for entry in entries { try tar.append(entry) }
                try tar.finish()
            }
        },
        Probe(name: "layer entry written") { rounds in
            let entries = SampleTree.entries(things)
            for _ in 0..<rounds {
                let layer = LayerWriter(NullWriter(), options: .init(compression: .none, threads: 1))
                for entry in entries { try layer.append(entry) }
                _ = try layer.finish()
            }
        },
        Probe(name: "tar entry read") { rounds in
            let bytes = BytesWriter()
            let tar = TarWriter(bytes)
            for entry in SampleTree.entries(things) { try tar.append(entry) }
            try tar.finish()
            for _ in 0..<rounds { _ = try TableScanner.scan(BytesReader(bytes.bytes)) }
        },
        Probe(name: "table entry encoded") { rounds in
            let table = TableOfContents(entries: SampleTree.entries(things).map { TableEntry($0) })
            for _ in 0..<rounds { _ = table.encode() }
        },
        Probe(name: "table entry decoded") { rounds in
            let bytes = TableOfContents(entries: SampleTree.entries(things).map { TableEntry($0) }).encode()
            for _ in 0..<rounds { _ = try TableOfContents(decoding: bytes) }
        },
        Probe(name: "reference parsed") { rounds in
            for _ in 0..<rounds {
                for index in 0..<things {
                    _ = try Reference(parsing: ParsingSuites.names[index % ParsingSuites.names.count])
                }
            }
        },
        Probe(name: "Dockerfile instruction") { rounds in
            let text = ParsingSuites.dockerfile(things)
            for _ in 0..<rounds { try ParsingSuites.lower(text) }
        },
    ]
}
