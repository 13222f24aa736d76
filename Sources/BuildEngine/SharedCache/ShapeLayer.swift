import Archive
import Codecs
import Layers
import LinuxSystem
import OCISpec

/// The layer of a cache entry that holds a shape: a tar with one file, as every registry and scanner knows them.
struct ShapeLayer {
    private static let name: Path = ".ocibuild-shape"
    /// Compressed, and the file itself: no real layer comes near it.
    static let longest: Int64 = 64 << 20
    private static let longestContent = 512 << 20

    /// The blob.
    let bytes: [UInt8]
    let descriptor: Descriptor
    let diffID: Digest

    /// The layer for the shape of `table`; nil makes an empty layer. For a thread that may block.
    init(_ table: TableOfContents?) throws {
        let output = BytesWriter()
        // It is sent over networks far more often than written.
        let writer = LayerWriter(output, options: .init(compression: .best, threads: 1))
        if let table {
            try writer.append(ArchiveEntry(path: Self.name, type: .regular, mode: 0o644), bytes: table.encodeShape())
        }
        let result = try writer.finish()
        bytes = output.bytes
        descriptor = result.descriptor
        diffID = result.diffID
    }

    /// The shape in a blob that was verified. For a thread that may block.
    static func shape(in blob: [UInt8]) throws -> TableOfContents {
        let archive = try ArchiveReader(
            DecompressingReader(sniffing: BytesReader(blob)), formats: .tar,
            limits: ArchiveLimits(entries: 1, totalBytes: Int64(longestContent)))
        guard let entry = try archive.next(), entry.path == name, entry.type == .regular, entry.size <= longestContent
        else { throw LayersError(.corruptTable, "table of contents", "the layer does not hold the shape of another") }
        var content = [UInt8](repeating: 0, count: Int(entry.size))
        var filled = 0
        while filled < content.count {
            let count = try content.withUnsafeMutableBytes { buffer in
                try archive.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            }
            if count == 0 { break }
            filled += count
        }
        // To the end, where compressors have their checksum.
        guard filled == content.count, try archive.next() == nil else {
            throw LayersError(
                .corruptTable, "table of contents", "the layer that holds it does not end where it should")
        }
        return try TableOfContents(decodingShape: content)
    }
}
