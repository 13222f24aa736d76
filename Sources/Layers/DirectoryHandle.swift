import LinuxSystem
import Synchronization

/// An open directory of a tree that is being made; closed when nobody uses it any more.
final class DirectoryHandle: Sendable {
    /// Its path in the tree.
    let path: Path
    private let descriptor: OwnedDescriptor
    /// Owner and group as one number; all ones while they are not known.
    private let given = Atomic<UInt64>(.max)

    init(_ path: Path, _ descriptor: consuming OwnedDescriptor) {
        self.path = path
        self.descriptor = descriptor
    }

    /// The descriptor, valid while `self` lives.
    var raw: CInt { descriptor.raw }

    /// Whom the kernel gives what this process makes in the directory: its own user, and its own group or the
    /// directory's, which depends on the directory's mode and on how the file system is mounted. Nil until somebody has
    /// looked.
    var givenOwner: (uid: UInt32, gid: UInt32)? {
        get {
            let pair = given.load(ordering: .relaxed)
            return pair == .max ? nil : (UInt32(pair >> 32), UInt32(truncatingIfNeeded: pair))
        }
        set { given.store(newValue.map { UInt64($0.uid) << 32 | UInt64($0.gid) } ?? .max, ordering: .relaxed) }
    }

    /// What is in it.
    func entries() throws(SystemError) -> [DirectoryEntry] { try DirectoryListing.entries(of: descriptor) }

    /// The way to a name in the directory for calls that take no descriptor.
    func place(of name: Path) -> Path { Path("/proc/self/fd/\(raw)") / name }
}
