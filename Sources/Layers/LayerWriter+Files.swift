import Archive
import CLinux
import Glibc
import LinuxSystem

extension LayerWriter {
    /// Appends a regular file, read from an open one that must stay as it is meanwhile. Holes are not read.
    package func append(_ entry: ArchiveEntry, contentOf file: borrowing OwnedDescriptor) throws {
        let status = try file.status()
        guard status.type == .regular, status.size == entry.size else { throw unstable(entry.path) }
        try begin(entry)
        var account = accountCollector(for: entry)
        // An account file is collected whole, its holes too.
        let isSparse = account == nil && status.size >= 64 << 10 && status.blocks * 512 < status.size
        var offset: Int64 = 0
        while offset < entry.size {
            var end = entry.size
            if isSparse {
                let data = try seek(file.raw, offset, CLINUX_SEEK_DATA, entry) ?? entry.size
                try writeZeros(data - offset)
                offset = data
                if offset >= entry.size { break }
                end = try seek(file.raw, offset, CLINUX_SEEK_HOLE, entry) ?? entry.size
            }
            while offset < end {
                let room = Int(min(Int64(buffer.bytes.count), end - offset))
                let piece = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<room])
                let count = try file.read(into: piece, at: offset)
                guard count > 0 else { throw unstable(entry.path) }
                let bytes = UnsafeRawBufferPointer(rebasing: piece[..<count])
                account?.append(contentsOf: bytes)
                try tar.write(bytes)
                offset += Int64(count)
            }
        }
        guard try file.status().size == entry.size else { throw unstable(entry.path) }
        if let account { keepAccountFile(entry.path, account) }
    }

    /// Appends all of a changeset; content is read from below its content root.
    package func write(_ changeset: Changeset) throws {
        for change in changeset.changes {
            switch change.kind {
            case .whiteout: try appendWhiteout(change.path)
            case .opaque: try appendOpaque(change.path)
            case .entry(let entry) where entry.type == .regular:
                // Non-blocking, should somebody have put a FIFO there: the type is checked once it is open.
                let place = changeset.contentRoot / entry.path
                let file = try OwnedDescriptor.open(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
                try append(entry, contentOf: file)
            case .entry(let entry): try append(entry)
            }
        }
    }

    /// The next place of that kind at or after `offset`, within the entry's size; nil when there is none.
    private func seek(_ file: CInt, _ offset: Int64, _ whence: CInt, _ entry: ArchiveEntry) throws -> Int64? {
        let place = lseek(file, off_t(offset), whence)
        if place >= 0 { return min(Int64(place), entry.size) }
        let error = Errno.current
        if error.code == ENXIO { return nil }
        throw SystemError("lseek", entry.path, errno: error)
    }

    private func writeZeros(_ count: Int64) throws {
        var remaining = count
        if remaining > 0 { buffer.bytes.initializeMemory(as: UInt8.self, repeating: 0) }
        while remaining > 0 {
            let piece = Int(min(Int64(buffer.bytes.count), remaining))
            try tar.write(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<piece]))
            remaining -= Int64(piece)
        }
    }
}
