import CLinux
import Glibc
import LinuxSystem
import Synchronization

/// Where half-done work lies. Every item is held by a lock (flock) that dies with its process, so whatever is not
/// locked was left by a crash and may be removed by anybody at any time.
package struct TemporaryArea: Sendable {
    /// The directory that the items are in.
    package let directory: Path
    /// What the items' names begin with; others in the directory are left alone.
    package let prefix: String

    /// An area in an existing directory.
    package init(_ directory: Path, prefix: String = "") {
        self.directory = directory
        self.prefix = prefix
    }

    /// The area for a file that is to become `path`: the folder that it is in.
    package static func beside(_ path: Path) -> TemporaryArea {
        TemporaryArea(path.parent ?? ".", prefix: ".ocibuild-")
    }

    /// Makes an empty file of mode 0600.
    package func makeFile() throws(SystemError) -> TemporaryItem {
        try make { path throws(SystemError) in
            try OwnedDescriptor.open(path, O_RDWR | O_CREAT | O_EXCL | CLINUX_O_NOFOLLOW, mode: 0o600)
        }
    }

    /// Makes an empty directory of mode 0700.
    package func makeDirectory() throws(SystemError) -> TemporaryItem {
        try make { path throws(SystemError) in
            try FileSystem.makeDirectory(path, mode: 0o700)
            return try OwnedDescriptor.open(path, O_RDONLY | CLINUX_O_DIRECTORY | CLINUX_O_NOFOLLOW)
        }
    }

    private func make(_ create: (Path) throws(SystemError) -> OwnedDescriptor) throws(SystemError) -> TemporaryItem {
        var attempts = 0
        while true {
            attempts += 1
            let path =
                directory / Path("\(prefix)\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36))")
            do throws(SystemError) {
                let descriptor = try create(path)
                // A sweeper may have seen the item before it was locked; then it is gone, or about to be.
                if try Self.lock(descriptor), FileSystem.exists(path) {
                    return TemporaryItem(path: path, descriptor: descriptor)
                }
            } catch {
                guard error.errno == .exists || error.errno == .noEntry, attempts < 100,
                    FileSystem.exists(directory)
                else { throw error }
            }
        }
    }

    /// Removes what dead processes left; what resists, such as a mount point, stays for the next time and hinders
    /// nobody. Returns how many bytes of files were freed on the disk, those in directories not counted.
    @discardableResult
    package func sweep() throws(SystemError) -> Int64 {
        let names = try DirectoryListing.entries(at: directory).map(\.name)
        var freed: Int64 = 0
        for name in names where name.bytes.starts(with: prefix.utf8) {
            let path = directory / name
            guard let status = try FileSystem.statusIfPresent(path) else { continue }
            if status.type == .regular || status.type == .directory {
                let flags = O_RDONLY | O_NONBLOCK | CLINUX_O_NOFOLLOW
                guard let descriptor = try? OwnedDescriptor.open(path, flags), try Self.lock(descriptor) else {
                    continue
                }
                if (try? FileSystem.removeTree(path)) != nil { freed += status.blocks * 512 }
            } else {
                try? FileSystem.removeTree(path)
            }
        }
        return freed
    }

    private static func lock(_ descriptor: borrowing OwnedDescriptor) throws(SystemError) -> Bool {
        let raw = descriptor.raw
        do throws(SystemError) {
            _ = try checked("flock") { clinux_flock(raw, LOCK_EX | LOCK_NB) }
            return true
        } catch {
            if error.errno == .again { return false }
            throw error
        }
    }
}

/// A file or directory of a ``TemporaryArea``, removed when the object goes unless it was moved to its final place.
package final class TemporaryItem: ByteWriter, Sendable {
    /// Where it is until it is moved.
    package let path: Path
    private let descriptor: OwnedDescriptor
    private let isKept = Atomic(false)

    fileprivate init(path: Path, descriptor: consuming OwnedDescriptor) {
        self.path = path
        self.descriptor = descriptor
    }

    /// Writes to the end of the file.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try descriptor.writeAll(bytes)
    }

    /// Lets the disk begin with `length` bytes that were written from `offset` on, so that there is little left to wait
    /// for when the file is moved to its place. A file system that knows no such thing writes them then.
    package func startWriteback(from offset: Int64, length: Int64) {
        _ = clinux_start_writeback(descriptor.raw, offset, length)
    }

    /// Puts the file, readable for everybody who may reach it, to the disk and then to its final place, from which it
    /// displaces what is there (or fails, unless `replacing`). After a power cut there is the old file, the new one
    /// whole, or none.
    package func moveFile(to target: Path, replacing: Bool = true) throws(SystemError) {
        let raw = descriptor.raw
        _ = try checked("chmod", path) { fchmod(raw, 0o644) }
        try descriptor.synchronize()
        try FileSystem.rename(path, to: target, replacing: replacing)
        isKept.store(true, ordering: .relaxed)
        try FileSystem.synchronizeDirectory(target.parent ?? ".")
    }

    /// Puts the item to its final place as it is; it stays locked until the object goes.
    package func move(to target: Path) throws(SystemError) {
        try FileSystem.rename(path, to: target, replacing: false)
        isKept.store(true, ordering: .relaxed)
    }

    deinit {
        if !isKept.load(ordering: .relaxed) { try? FileSystem.removeTree(path) }
    }
}
