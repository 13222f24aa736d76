import Archive
import Codecs
import Glibc
import LinuxSystem
import OCISpec

/// Writes a layer in one streaming pass: entries → tar → DiffID and compressor → blob digest → the caller's writer.
///
/// Entries come in byte order of their paths, each path once; anything else is an error, since the order is part of
/// the layer's name. Times are written in whole seconds. Not for use from several threads at once.
package final class LayerWriter {
    /// How a layer is written.
    package struct Options: Hashable, Sendable {
        /// The codec and level.
        package var compression: Compression
        /// How many threads compress; the bytes do not depend on it.
        package var threads: Int
        /// Later times are written as this one, in seconds since 1970 (SOURCE_DATE_EPOCH).
        package var clampModified: Int64?

        package init(compression: Compression = .default, threads: Int = 2, clampModified: Int64? = nil) {
            self.compression = compression
            self.threads = threads
            self.clampModified = clampModified
        }
    }

    let options: Options
    let tar: TarWriter
    private let compressor: ParallelCompressor
    private var contents = TableOfContents()
    private var lastPath: Path?

    /// Writes the blob to `output`, which stays the caller's to commit.
    /// - Parameter memory: pieces of earlier layers, which need not be compressed again.
    package init(_ output: any ByteWriter, options: Options = Options(), memory: (any PieceMemory)? = nil) {
        self.options = options
        compressor = ParallelCompressor(
            options.compression, threads: options.threads, memory: memory, output: output)
        tar = TarWriter(compressor)
    }

    /// True while nothing was appended.
    package var isEmpty: Bool { lastPath == nil }

    /// Appends an entry without content: anything but a regular file, or an empty one.
    package func append(_ entry: ArchiveEntry) throws {
        guard entry.type != .regular || entry.size == 0 else {
            throw LayersError(.invalidEntry, entry.path, "it has \(entry.size) bytes, but no content was given")
        }
        try begin(entry)
        keepAccountFile(entry.path, [])
    }

    /// Appends a regular file of these bytes; `entry.size` is set from them.
    package func append(_ entry: ArchiveEntry, bytes: [UInt8]) throws {
        var entry = entry
        entry.size = Int64(bytes.count)
        try begin(entry)
        try bytes.withUnsafeBytes { try tar.write($0) }
        keepAccountFile(entry.path, bytes)
    }

    /// Appends a regular file whose `entry.size` bytes come from a reader; more or fewer are an error.
    package func append(_ entry: ArchiveEntry, content: any ByteReader) throws {
        try begin(entry)
        var account = accountCollector(for: entry)
        var remaining = entry.size
        while true {
            // One byte more than there should be: that is how an end is seen.
            let count = try tar.fill(upTo: Int(clamping: remaining) + 1) { room in
                let count = try content.read(into: room)
                guard Int64(count) <= remaining else { throw unstable(entry.path) }
                account?.append(contentsOf: room[..<count])
                return count
            }
            if count == 0 { break }
            remaining -= Int64(count)
        }
        guard remaining == 0 else { throw unstable(entry.path) }
        if let account { keepAccountFile(entry.path, account) }
    }

    /// Appends the deletion of a path.
    package func appendWhiteout(_ path: Path) throws {
        try appendMark(LayerName.whiteout(of: path), for: path)
        contents.whiteouts.append(path)
    }

    /// Appends the mark that a directory, whose entry came before, hides what the layers below have in it.
    package func appendOpaque(_ path: Path) throws {
        try writeMark(LayerName.opaque(of: path))
        contents.opaques.append(path)
    }

    /// Completes tar and blob. The writer is of no further use.
    package func finish() throws -> LayerResult {
        try tar.finish()
        let stream = try compressor.finish()
        return LayerResult(
            descriptor: Descriptor(mediaType: options.compression.mediaType, digest: stream.digest, size: stream.size),
            diffID: stream.contentDigest, contents: contents, uncompressedSize: stream.contentSize,
            pieces: stream.pieces)
    }

    // MARK: Parts

    /// Writes an entry's header and keeps it in the table.
    func begin(_ entry: ArchiveEntry) throws {
        var entry = entry
        guard case .ordinary = try LayerName(of: entry.path) else {
            throw LayersError(.invalidEntry, entry.path, "a layer would take this name for a deletion; rename the file")
        }
        try advance(to: entry.path)
        if let clamp = options.clampModified { entry.modified.seconds = min(entry.modified.seconds, clamp) }
        entry.modified.nanoseconds = 0
        if entry.type != .regular { entry.size = 0 }
        try tar.append(entry)
        contents.entries.append(TableEntry(entry))
    }

    private func appendMark(_ name: Path, for path: Path) throws {
        guard !path.isEmpty else {
            throw LayersError(.invalidWhiteout, "/", "the root of the tree cannot be deleted")
        }
        try advance(to: path)
        try writeMark(name)
    }

    /// Marks have no metadata of their own: the time is constant, so that the layer is the same each time.
    private func writeMark(_ name: Path) throws {
        var mark = ArchiveEntry(path: name, type: .regular)
        mark.mode = 0o600
        try tar.append(mark)
    }

    private func advance(to path: Path) throws {
        if let lastPath, lastPath >= path {
            throw LayersError(.outOfOrder, path, "layer entries go in byte order, and it came after /\(lastPath)")
        }
        guard !path.hasParentReference, !path.isAbsolute else {
            throw LayersError(.unsafePath, path, "layer paths are relative to the root and have no \"..\"")
        }
        guard path.bytes.count <= LayerLimits.pathBytes else {
            throw LayersError(.unsafePath, path, "layer paths have at most \(LayerLimits.pathBytes) bytes, as in Linux")
        }
        lastPath = path
    }

    func unstable(_ path: Path) -> LayersError {
        LayersError(
            .unstableFile, path, "the file changed its length while it was read; nothing may write to it meanwhile")
    }

    /// Where to collect the content of an account file; nil for all other files.
    func accountCollector(for entry: ArchiveEntry) -> [UInt8]? {
        TableOfContents.AccountFiles.isAccountFile(entry.path)
            && entry.size <= Int64(TableOfContents.AccountFiles.limit) ? [] : nil
    }

    func keepAccountFile(_ path: Path, _ content: [UInt8]) {
        guard contents.entries.last?.entry.type == .regular, content.count <= TableOfContents.AccountFiles.limit else {
            return
        }
        if path == TableOfContents.AccountFiles.passwdPath { contents.accountFiles.passwd = content }
        if path == TableOfContents.AccountFiles.groupPath { contents.accountFiles.group = content }
    }
}
