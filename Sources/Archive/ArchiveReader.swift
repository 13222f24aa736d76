import LinuxSystem

/// Reads a tar entry by entry, strictly: what is malformed, ambiguous or out of range is an error, never skipped or
/// guessed, because another reader may guess otherwise.
///
/// The formats are ustar, PAX, GNU (long names, sparse files) and the one of before POSIX, and where they leave a choice
/// the reading is that of Go's archive/tar, by which Docker and containerd define what a layer holds. The parser is ours
/// and not libarchive's (3.6), because that one composes the accents of PAX names, so that two files become one, cuts
/// names at a NUL, and takes "NaN" or "2junk" for numbers; libarchive's decompressors are used for ``Formats/any``.
package final class ArchiveReader {
    /// What is recognised.
    package enum Formats: Sendable {
        /// A tar, uncompressed.
        case tar
        /// A tar that may be compressed with gzip, bzip2, xz, lzma or zstd; never by starting another program.
        case any
    }

    private let input: TarInput
    private let limits: ArchiveLimits
    private var entryCount = 0
    private var content: TarContent?
    private var isFinished = false
    /// The path of the entry that was returned last as it stands in the archive, for messages.
    package private(set) var rawPath: [UInt8] = []

    /// Will read `source` from where it stands.
    package init(_ source: any ByteReader, formats: Formats, limits: ArchiveLimits = .default) throws {
        self.limits = limits
        input = TarInput(formats == .any ? try FilterReader(source) : source, limit: limits.totalBytes)
    }

    /// The next entry, or nil at the archive's end. What the caller did not read of the last entry is skipped; at the
    /// end the source has been read to its own end, so that its digest covers all of it.
    package func next() throws -> ArchiveEntry? {
        guard !isFinished else { return nil }
        try content?.skipRest()
        content = nil
        var headers = TarHeaderReader(input, limits)
        guard let header = try headers.next() else {
            try input.drain()
            isFinished = true
            return nil
        }
        entryCount += 1
        guard entryCount <= limits.entries else {
            throw ArchiveError(.limit, at: header.offset, "the archive has more than \(limits.entries) entries")
        }
        rawPath = header.rawPath
        content = header.content
        try input.count(header.expandedSize)
        return header.entry
    }

    /// Content of the entry that was returned last; 0 at its end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard buffer.count > 0, let content else { return 0 }
        return try content.read(into: buffer)
    }

    /// Whether `source` starts with an archive's header, looking through compression: ADD unpacks such files and copies
    /// all others. The source is of no further use.
    package static func isArchive(_ source: any ByteReader) -> Bool {
        ((try? ArchiveReader(source, formats: .any).next()) ?? nil) != nil
    }
}
