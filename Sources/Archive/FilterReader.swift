import CArchive
import Glibc
import LinuxSystem

/// Looks through the compression of a file: what comes out is its content, or the file itself where it has none.
///
/// libarchive does it inside this process, and is loaded for the first of them; formats for which it would start another program are not asked for.
final class FilterReader: ByteReader {
    private let archive: OpaquePointer
    private let source: Source

    init(_ reader: any ByteReader) throws {
        if let reason = carchive_load() {
            throw ArchiveError(
                .unsupported, nil,
                "libarchive, which decompresses it, cannot be loaded: \(String(cString: reason)); install it, on Debian by \"apt-get install libarchive13\""
            )
        }
        guard let archive = carchive_read_new() else {
            throw SystemError("start reading an archive", errno: Errno(code: ENOMEM))
        }
        self.archive = archive
        source = Source(reader)
        for support in [
            carchive_read_support_filter_gzip, carchive_read_support_filter_bzip2, carchive_read_support_filter_xz,
            carchive_read_support_filter_lzma, carchive_read_support_filter_zstd,
            carchive_read_support_format_raw, carchive_read_support_format_empty,
        ] {
            // A warning would mean that it is there only as an outside program.
            guard support(archive) == ARCHIVE_OK else {
                throw ArchiveError(.unsupported, nil, "this libarchive was built without a decompressor: \(message)")
            }
        }
        let opened = carchive_read_open(
            archive, Unmanaged.passUnretained(source).toOpaque(), nil,
            { _, data, buffer in
                guard let data, let buffer else { return -1 }
                return Unmanaged<Source>.fromOpaque(data).takeUnretainedValue().next(buffer)
            }, nil)
        guard opened == ARCHIVE_OK else { throw failure() }
        var entry: OpaquePointer?
        let result = carchive_read_next_header(archive, &entry)
        guard result == ARCHIVE_OK || result == ARCHIVE_EOF else { throw failure() }
    }

    deinit { carchive_read_free(archive) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard buffer.count > 0 else { return 0 }
        let count = carchive_read_data(archive, buffer.baseAddress, buffer.count)
        guard count >= 0 else { throw failure() }
        return count
    }

    private var message: String {
        carchive_error_string(archive).map { String(cString: $0) } ?? "unknown failure"
    }

    private func failure() -> any Error {
        source.failure ?? ArchiveError(.malformed, nil, "it cannot be decompressed: \(message)")
    }

    /// Feeds libarchive from a reader, and keeps the reader's error, which cannot pass through C.
    private final class Source {
        private let reader: any ByteReader
        private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 4096)
        private(set) var failure: (any Error)?

        init(_ reader: any ByteReader) { self.reader = reader }

        deinit { buffer.deallocate() }

        func next(_ target: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
            do {
                target.pointee = UnsafeRawPointer(buffer.baseAddress)
                return try reader.read(into: buffer)
            } catch {
                failure = error
                return -1
            }
        }
    }
}
