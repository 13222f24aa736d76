import CArchive
import Glibc
import LinuxSystem

/// Reads an archive entry by entry through libarchive, whose parsers are fuzzed: what it reads is hostile until proven
/// otherwise. Sparse files come expanded. See libarchive_read(3).
package final class ArchiveReader {
    /// What is recognised.
    package enum Formats: Sendable {
        /// A tar in any dialect, uncompressed.
        case tar
        /// A tar that may be compressed with gzip, bzip2, xz, lzma or zstd; never by starting another program.
        case any
    }

    private let archive: OpaquePointer
    private let source: ArchiveSource
    private var current: Path?

    /// Will read `source` from where it stands.
    package init(_ source: any ByteReader, formats: Formats) throws {
        guard let archive = archive_read_new() else {
            throw SystemError("start reading an archive", errno: Errno(code: ENOMEM))
        }
        self.archive = archive
        self.source = ArchiveSource(source)
        archive_read_support_format_tar(archive)
        if formats == .any {
            archive_read_support_filter_gzip(archive)
            archive_read_support_filter_bzip2(archive)
            archive_read_support_filter_xz(archive)
            archive_read_support_filter_lzma(archive)
            archive_read_support_filter_zstd(archive)
        }
        // An empty stream is an archive of nothing, as `FROM scratch` layers of some builders are.
        archive_read_support_format_empty(archive)
        let result = ByteLocale.run {
            archive_read_open(
                archive, Unmanaged.passUnretained(self.source).toOpaque(), nil,
                { _, data, buffer in
                    guard let data, let buffer else { return -1 }
                    return Unmanaged<ArchiveSource>.fromOpaque(data).takeUnretainedValue().next(buffer)
                }, nil)
        }
        guard result == ARCHIVE_OK else { throw failure() }
    }

    deinit { archive_read_free(archive) }

    /// The next entry, or nil at the archive's end. What the caller did not read of the last entry is skipped.
    package func next() throws -> ArchiveEntry? {
        var raw: OpaquePointer?
        let result = ByteLocale.run { archive_read_next_header(archive, &raw) }
        if result == ARCHIVE_EOF {
            if let error = source.failure { throw error }
            return nil
        }
        // A warning means that something was skipped or guessed; a layer must not be guessed.
        guard result == ARCHIVE_OK, let raw else { throw failure() }
        let entry = try ByteLocale.run { try ArchiveEntry(reading: raw) }
        current = entry.path
        return entry
    }

    /// Content of the entry that was returned last; 0 at its end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard buffer.count > 0 else { return 0 }
        let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
        guard count >= 0 else { throw failure() }
        return count
    }

    private func failure() -> any Error {
        if let error = source.failure { return error }
        let text = archive_error_string(archive).map { String(cString: $0) } ?? "unknown failure"
        return ArchiveError(.damaged, current, current == nil ? text : "after it: \(text)")
    }
}

/// Feeds libarchive from a reader, and keeps the reader's error, which cannot pass through C.
private final class ArchiveSource {
    private let source: any ByteReader
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    private(set) var failure: (any Error)?

    init(_ source: any ByteReader) { self.source = source }

    deinit { buffer.deallocate() }

    func next(_ target: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
        do {
            let count = try source.read(into: buffer)
            target.pointee = UnsafeRawPointer(buffer.baseAddress)
            return count
        } catch {
            failure = error
            return -1
        }
    }
}

/// libarchive converts names between the archive's character set and the locale's, and drops those that the locale
/// cannot say; in a UTF-8 locale, set for this thread alone, bytes pass as they are.
enum ByteLocale {
    private static let locale = Locale(newlocale(CInt(LC_CTYPE_MASK), "C.UTF-8", nil))

    private struct Locale: @unchecked Sendable {  // A locale object is never changed after it was made.
        let value: locale_t?
        init(_ value: locale_t?) { self.value = value }
    }

    static func run<R>(_ body: () throws -> R) rethrows -> R {
        guard let value = locale.value else { return try body() }
        let before = uselocale(value)
        defer { uselocale(before) }
        return try body()
    }
}
