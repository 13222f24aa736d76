import Archive
import CLinux
import Glibc
import LinuxSystem

extension LayerWriter {
    /// Smaller files are read whole, holes and all, without asking for their status.
    private static let largeFile: Int64 = 64 << 10

    /// Appends a regular file, read from an open one that must stay as it is meanwhile. Holes are not read.
    package func append(_ entry: ArchiveEntry, contentOf file: borrowing OwnedDescriptor) throws {
        var account = accountCollector(for: entry)
        var isSparse = false
        if entry.size >= Self.largeFile {
            let status = try file.status()
            guard status.type == .regular, status.size == entry.size else { throw unstable(entry.path) }
            // An account file is collected whole, its holes too.
            isSparse = account == nil && status.blocks * 512 < status.size
        }
        try begin(entry)
        var offset: Int64 = 0
        while isSparse, offset < entry.size {
            let data = try seek(file.raw, offset, CLINUX_SEEK_DATA, entry) ?? entry.size
            try writeZeros(data - offset)
            offset = data
            if offset >= entry.size { break }
            let hole = try seek(file.raw, offset, CLINUX_SEEK_HOLE, entry) ?? entry.size
            while offset < hole { _ = try read(file, entry, &offset, upTo: hole - offset, &account) }
        }
        // With room for one byte more than there should be, so that a file that grew is seen without another call.
        while !isSparse, try !read(file, entry, &offset, upTo: entry.size - offset + 1, &account) {}
        if isSparse, try file.status().size != entry.size { throw unstable(entry.path) }
        if let account { keepAccountFile(entry.path, account) }
    }

    /// Reads the next bytes of a file's content to where they are compressed from; true when that was all of the file.
    private func read(
        _ file: borrowing OwnedDescriptor, _ entry: ArchiveEntry, _ offset: inout Int64, upTo limit: Int64,
        _ account: inout [UInt8]?
    ) throws -> Bool {
        let raw = file.raw
        let start = offset
        var isAll = false
        offset += Int64(
            try tar.fill(upTo: Int(clamping: limit)) { room in
                let count = try checked("read", entry.path) { pread(raw, room.baseAddress, room.count, off_t(start)) }
                let end = start + Int64(count)
                isAll = end == entry.size && count < room.count
                guard isAll || count > 0, end <= entry.size else { throw unstable(entry.path) }
                account?.append(contentsOf: room[..<count])
                return count
            })
        return isAll
    }

    /// Appends all of a changeset; content is read from below its content root.
    package func write(_ changeset: Changeset) throws {
        let root = try OwnedDescriptor.open(changeset.contentRoot, O_RDONLY | CLINUX_O_DIRECTORY)
        for change in changeset.changes {
            switch change.kind {
            case .whiteout: try appendWhiteout(change.path)
            case .opaque: try appendOpaque(change.path)
            case .entry(let entry) where entry.type == .regular:
                // Non-blocking, should somebody have put a FIFO there: the type is checked once it is open.
                let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
                let file = try OwnedDescriptor.open(entry.path, flags, at: root.raw)
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
        while remaining > 0 {
            remaining -= Int64(
                try tar.fill(upTo: Int(clamping: remaining)) { room in
                    room.initializeMemory(as: UInt8.self, repeating: 0)
                    return room.count
                })
        }
    }
}
