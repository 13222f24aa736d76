import LinuxSystem

/// Writes a tar whose bytes depend on its entries alone.
///
/// Headers are ustar. A PAX extended header comes before those entries that ustar cannot hold: long names, big numbers,
/// times before 1970, extended attributes. Names are written as the bytes they are: in ustar fields every reader
/// takes them as such, whereas bsdtar composes the accents of PAX names. Fractions of seconds, user and group names are
/// left out. The archive ends with two zero blocks and no padding, as those of Docker do.
package final class TarWriter {
    private static let zeros = [UInt8](repeating: 0, count: 2 * TarBlock.size)

    private let output: any ByteWriter
    private var current = Path("")
    private var remaining: Int64 = 0
    private var padding = 0

    /// A tar written to `output`.
    package init(_ output: any ByteWriter) {
        self.output = output
    }

    /// Writes the header of an entry. Its content, exactly `entry.size` bytes, follows by ``write(_:)``.
    ///
    /// - Throws: ``ArchiveError`` where the content of the entry before is not complete or tar cannot hold this one;
    ///   what `output` throws.
    package func append(_ entry: ArchiveEntry) throws {
        try completeContent()
        let header = try TarHeader(of: entry)
        try output.write(header.bytes)
        current = entry.path
        remaining = header.contentSize
        padding = Int(-header.contentSize & Int64(TarBlock.size - 1))
    }

    /// Writes the next bytes of the current entry's content.
    package func write(_ content: UnsafeRawBufferPointer) throws {
        guard Int64(content.count) <= remaining else {
            throw ArchiveError(
                .wrongSize, current,
                "it has at least \(Int64(content.count) - remaining) bytes more than its header says")
        }
        remaining -= Int64(content.count)
        try output.write(content)
    }

    /// Lets `body` put the next bytes of the current entry's content, at most `limit`, where the output keeps them;
    /// returns how many it says they are. It may be lent more room than the entry has bytes left.
    package func fill(upTo limit: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Int) throws -> Int {
        let count = try output.fill(upTo: limit, body)
        guard Int64(count) <= remaining else {
            throw ArchiveError(
                .wrongSize, current, "it has at least \(Int64(count) - remaining) bytes more than its header says")
        }
        remaining -= Int64(count)
        return count
    }

    /// Ends the archive.
    package func finish() throws {
        try completeContent()
        try output.write(Self.zeros)
    }

    private func completeContent() throws {
        guard remaining == 0 else {
            throw ArchiveError(.wrongSize, current, "it has \(remaining) bytes less than its header says")
        }
        if padding > 0 {
            try Self.zeros.withUnsafeBytes { try output.write(UnsafeRawBufferPointer(rebasing: $0[..<padding])) }
        }
        padding = 0
    }

}
