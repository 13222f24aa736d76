import Codecs
import Glibc
import LinuxSystem
import OCISpec
import Synchronization

/// SHA-256 of files' content, remembered between builds by device, inode, size and both times, so that an unchanged
/// context is not read again. A file that changed within the last second before it was read is not remembered: a
/// second change could leave the same times.
package final class ContentDigests: Sendable {
    private struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let modified: FileTime
        let changed: FileTime
    }

    private struct State {
        var known: [Identity: [UInt8]] = [:]
        var used: [Identity: [UInt8]] = [:]
        var added = false
    }

    private static let magic = Array("ocibuild-digests-1\n".utf8)
    private static let recordSize = 8 * 7 + 32
    private let file: Path
    private let state: Mutex<State>

    /// Opens the memory for a context folder; a damaged or missing one is empty.
    package init(storeRoot: Path, context: Path) throws {
        let folder = storeRoot / "digests"
        try FileSystem.makeDirectories(folder)
        file = folder / Path(Digest.sha256(of: context.bytes).hex)
        state = Mutex(State(known: Self.load(file)))
    }

    /// The digest of the file's content: 32 bytes.
    package func digest(of path: Path, status: FileStatus) throws -> [UInt8] {
        let identity = Identity(
            device: status.device, inode: status.inode, size: status.size, modified: status.modified,
            changed: status.changed)
        if let known = state.withLock({ state -> [UInt8]? in
            guard let digest = state.known[identity] else { return nil }
            state.used[identity] = digest
            return digest
        }) {
            return known
        }
        let started = FileTime.now
        let digest = try Self.read(path)
        if status.changed.seconds < started.seconds - 1 {
            state.withLock {
                $0.used[identity] = digest
                $0.added = true
            }
        }
        return digest
    }

    /// Writes back what this build used, where that differs from what was there.
    package func save() {
        let (used, changed) = state.withLock { ($0.used, $0.added || $0.used.count != $0.known.count) }
        guard changed else { return }
        var bytes = Self.magic
        bytes.reserveCapacity(bytes.count + used.count * Self.recordSize)
        for (identity, digest) in used {
            let numbers: [UInt64] = [
                identity.device, identity.inode, UInt64(bitPattern: identity.size),
                UInt64(bitPattern: identity.modified.seconds),
                UInt64(UInt32(bitPattern: identity.modified.nanoseconds)),
                UInt64(bitPattern: identity.changed.seconds), UInt64(UInt32(bitPattern: identity.changed.nanoseconds)),
            ]
            for number in numbers { withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
            bytes.append(contentsOf: digest)
        }
        // Only a memory: where it cannot be written the next build reads the files again.
        try? FileSystem.writeAtomically(bytes, to: file, durable: false)
    }

    private static func load(_ file: Path) -> [Identity: [UInt8]] {
        guard let bytes = try? FileSystem.readFile(file, limit: 1 << 30), bytes.starts(with: magic) else { return [:] }
        var known: [Identity: [UInt8]] = [:]
        known.reserveCapacity(bytes.count / recordSize)
        bytes.withUnsafeBytes { raw in
            var offset = magic.count
            func next() -> UInt64 {
                defer { offset += 8 }
                return UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            func time() -> FileTime {
                let seconds = Int64(bitPattern: next())
                return FileTime(seconds: seconds, nanoseconds: Int32(truncatingIfNeeded: next()))
            }
            while offset + recordSize <= raw.count {
                let identity = Identity(
                    device: next(), inode: next(), size: Int64(bitPattern: next()), modified: time(), changed: time())
                known[identity] = Array(raw[offset..<offset + 32])
                offset += 32
            }
        }
        return known
    }

    private static func read(_ path: Path) throws -> [UInt8] {
        let file = try OwnedDescriptor.open(path, O_RDONLY | O_NONBLOCK)
        var hasher = SHA256Hasher()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        while true {
            let count = try file.read(into: buffer)
            if count == 0 { break }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return Array(hasher.finalize().hex.utf8).hexDecoded()
    }
}

extension [UInt8] {
    /// The bytes that an even number of hexadecimal digits stands for.
    fileprivate func hexDecoded() -> [UInt8] {
        func nibble(_ digit: UInt8) -> UInt8 { digit < 0x3A ? digit &- 0x30 : digit &- 0x57 }
        return stride(from: 0, to: count - 1, by: 2).map { nibble(self[$0]) << 4 | nibble(self[$0 + 1]) }
    }
}
