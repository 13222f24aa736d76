import Codecs
import Glibc
import Layers
import LinuxSystem
import OCIContent
import OCISpec

extension LayerLibrary {
    /// Brings a tar in as a layer: its bytes as they are, compressed anew, checked to be a layer on the way.
    /// - Parameter path: the tar, compressed or not; nil for standard input.
    package func importLayer(
        from path: Path?, compression: Compression, threads: Int
    ) async throws -> (layer: Descriptor, diffID: Digest) {
        try await BlockingPool.shared.run { [store] in
            let directory = try store.temporaries.makeDirectory()
            defer { withExtendedLifetime(directory) {} }
            var file = path ?? directory.path / "input"
            if path == nil {
                // Standard input may be a pipe, which has no offsets: through a file, so that it can be read twice.
                try Self.spool(to: file)
            }
            let head = try FileByteReader(file, offset: 0, length: 512).readAll(limit: 512)
            if (try? BlobEncoding.sniff(head)) == nil, try ArchiveExpansion.isArchive(file) {
                // What layers may not be compressed with, an archive may.
                try ArchiveExpansion.repack(file, to: directory.path / "tar")
                file = directory.path / "tar"
            }
            let input = try FileByteReader(file)
            let blob = try store.beginHashedBlob()
            let compressor = ParallelCompressor(compression, threads: threads, output: blob)
            let passing = PassingReader(try DecompressingReader(sniffing: input), compressor)
            let table = try TableScanner.scan(passing)
            try passing.drain()
            let stream = try compressor.finish()
            let layer = Descriptor(mediaType: compression.mediaType, digest: stream.digest, size: stream.size)
            try blob.commit(layer)
            try self.keep(table, for: stream.contentDigest)
            return (layer, stream.contentDigest)
        }
    }

    private static func spool(to file: Path) throws {
        let writer = try FileByteWriter(file)
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = try checked("read standard input") { read(0, &buffer, buffer.count) }
            if count == 0 { break }
            try buffer.withUnsafeBytes { try writer.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }
}

/// Hands on what is read, and gives a copy to a writer.
private final class PassingReader: ByteReader {
    private let source: any ByteReader
    private let copy: any ByteWriter

    init(_ source: any ByteReader, _ copy: any ByteWriter) {
        self.source = source
        self.copy = copy
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try source.read(into: buffer)
        if count > 0 { try copy.write(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
        return count
    }

    func drain() throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while try read(into: buffer) > 0 {}
    }
}
