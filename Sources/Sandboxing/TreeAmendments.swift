import CLinux
import Glibc
import LinuxSystem

/// Changes to a plain tree that are taken back exactly: content, inodes and times of what was there before, the
/// directories' times included. What is replaced or removed is only renamed, into a folder beside the tree and back, and
/// only an inode that was put there by us is ever taken away (CVE-2024-23652).
///
/// Not for use while a process changes the tree.
final class TreeAmendments {
    private struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64

        init(_ status: FileStatus) {
            device = status.device
            inode = status.inode
        }
    }

    /// A directory in which names were put. Kept open: a step may rename it, and what is to be undone moves along.
    private final class Place {
        let directory: OwnedDescriptor
        let modifiedBefore: FileTime
        var prepared: FileTime?

        init(_ directory: consuming OwnedDescriptor) throws(SystemError) {
            modifiedBefore = try directory.status().modified
            self.directory = directory
        }
    }

    /// Something put into a directory. Kept open, so that the inode's number is not given to a file of the step's.
    private final class Amendment {
        let place: Place
        let name: Path
        let ours: OwnedDescriptor
        /// What was there before, as a name in the stash.
        let original: Path?
        /// An emptied directory is ours to remove; one that the step filled is not.
        let isParent: Bool
        /// Where what was put there came from and goes back to; nil where it was made to be thrown away.
        let home: Path?
        /// The original comes back even if the step removed what we put in its place.
        let insists: Bool

        init(
            _ ours: consuming OwnedDescriptor, in place: Place, as name: Path, original: Path?, isParent: Bool = false,
            insists: Bool = false, home: Path? = nil
        ) {
            self.place = place
            self.name = name
            self.ours = ours
            self.original = original
            self.isParent = isParent
            self.insists = insists
            self.home = home
        }
    }

    private let root: Path
    private let rootDirectory: OwnedDescriptor
    private let tree: LayeredTree
    private let stash: TemporaryDirectory
    private let stashDirectory: OwnedDescriptor
    private var places: [(Identity, Place)] = []
    private var amendments: [Amendment] = []
    private var stashed = 0

    /// Nothing is changed yet. The stash is made beside `root`, because a rename does not leave a file system.
    init(root: Path) throws(SystemError) {
        self.root = root
        tree = LayeredTree(.directory(root))
        rootDirectory = try .open(root, O_RDONLY | O_DIRECTORY)
        stash = try TemporaryDirectory(in: root.parent ?? ".", prefix: "amended-")
        stashDirectory = try .open(stash.path, O_RDONLY | O_DIRECTORY)
    }

    /// Does `body`, then takes everything back, whether it throws or not.
    func during<Result>(_ body: () throws -> Result) throws -> Result {
        let result: Result
        do { result = try body() } catch {
            try restore()
            throw error
        }
        try restore()
        return result
    }

    /// Puts an empty directory or file at a place where nothing is.
    func add(_ point: TreeLayout.MountPoint) throws {
        if point.isDirectory {
            try makeDirectory(point.path)
        } else {
            try put(point.path, content: [], mode: 0o644)
        }
    }

    /// Puts a file at `path`, which has no links in it, in place of what is there.
    func put(_ path: Path, content: [UInt8], mode: UInt16) throws {
        let (place, name) = try prepare(path)
        let original = try setAside(name, in: place)
        do {
            let file = try OwnedDescriptor.open(
                name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600, at: place.directory.raw)
            try content.withUnsafeBytes { try file.writeAll($0) }
            _ = try checked("chmod", path) { fchmod(file.raw, mode_t(mode)) }
            amendments.append(Amendment(file, in: place, as: name, original: original))
        } catch {
            abandon(name, in: place, original: original)
            throw error
        }
    }

    /// Puts a new, empty directory of mode 0755 at `path` in place of what is there, and returns where it really is.
    func replaceDirectory(_ path: Path) throws(SystemError) -> Path {
        let (place, name) = try prepare(path)
        let original = try setAside(name, in: place)
        do { try makeDirectory(name, in: place, original: original, isParent: false) } catch {
            abandon(name, in: place, original: original)
            throw error
        }
        return root / path
    }

    /// Puts a file or directory that lies elsewhere on this file system at `path` in place of what is there, until it
    /// goes back.
    func lend(_ source: Path, at path: Path) throws(SystemError) {
        let (place, name) = try prepare(path)
        let original = try setAside(name, in: place)
        do {
            let lent = try OwnedDescriptor.open(source, CLINUX_O_PATH | CLINUX_O_NOFOLLOW)
            try FileSystem.rename(source, to: name, in: place.directory.raw)
            amendments.append(
                Amendment(lent, in: place, as: name, original: original, insists: true, home: source))
        } catch {
            abandon(name, in: place, original: original)
            throw error
        }
    }

    private func makeDirectory(_ path: Path) throws(SystemError) {
        let (place, name) = try prepare(path)
        try makeDirectory(name, in: place, original: nil, isParent: true)
    }

    private func makeDirectory(_ name: Path, in place: Place, original: Path?, isParent: Bool) throws(SystemError) {
        try FileSystem.makeDirectory(name, at: place.directory.raw)
        try FileSystem.setMode(name, 0o755, at: place.directory.raw)
        let made = try OwnedDescriptor.open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, at: place.directory.raw)
        amendments.append(
            Amendment(made, in: place, as: name, original: original, isParent: isParent, insists: !isParent))
    }

    /// The directory of `path`, made where it is missing.
    private func prepare(_ path: Path) throws(SystemError) -> (Place, Path) {
        guard let name = path.lastComponent else { throw SystemError("amend", path, errno: .invalid) }
        let parent = path.parent ?? "/"
        if case .missing = try tree.resolve(parent).node { try makeDirectory(parent) }
        let directory = try OwnedDescriptor.open(parent, O_RDONLY | O_DIRECTORY, inRoot: rootDirectory.raw)
        let identity = Identity(try directory.status())
        if let known = places.first(where: { $0.0 == identity }) { return (known.1, name) }
        let place = try Place(directory)
        places.append((identity, place))
        return (place, name)
    }

    private func setAside(_ name: Path, in place: Place) throws(SystemError) -> Path? {
        guard try FileSystem.statusIfPresent(name, at: place.directory.raw) != nil else { return nil }
        let kept = Path("\(stashed)")
        stashed += 1
        try FileSystem.rename(name, at: place.directory.raw, to: kept, in: stashDirectory.raw)
        return kept
    }

    /// Undoes what was begun for an amendment that could not be made: a full disk must not cost the tree a file.
    private func abandon(_ name: Path, in place: Place, original: Path?) {
        let directory = place.directory.raw
        do { try FileSystem.unlink(name, at: directory) } catch {
            try? FileSystem.removeDirectory(name, at: directory)
        }
        if let original { try? FileSystem.rename(original, at: stashDirectory.raw, to: name, in: directory) }
    }
}

extension TreeAmendments {
    /// To be called when everything is in place, before the step begins: a directory whose time is the same afterwards
    /// was not touched by it.
    func seal() throws(SystemError) {
        for (_, place) in places { place.prepared = try place.directory.status().modified }
    }

    private func restore() throws(SystemError) {
        var after: [FileTime] = []
        for (_, place) in places { after.append(try place.directory.status().modified) }
        for amendment in amendments.reversed() { try takeBack(amendment) }
        for ((_, place), now) in zip(places, after).reversed() {
            let untouched = place.prepared == nil || place.prepared == now
            try setModified(place.directory.raw, untouched ? place.modifiedBefore : now)
        }
        amendments = []
        places = []
    }

    private func takeBack(_ amendment: Amendment) throws(SystemError) {
        let directory = amendment.place.directory.raw
        let present = try FileSystem.statusIfPresent(amendment.name, at: directory)
        let ours = Identity(try amendment.ours.status())
        let isOurs = present.map { Identity($0) == ours } ?? false
        if isOurs, amendment.isParent {
            do { try FileSystem.removeDirectory(amendment.name, at: directory) } catch {
                if error.errno != .notEmpty, error.errno != .exists { throw error }
            }
        } else if isOurs, let home = amendment.home {
            try FileSystem.rename(amendment.name, at: directory, to: home)
        } else if isOurs {
            try FileSystem.rename(
                amendment.name, at: directory, to: Path("ours-\(stashed)"), in: stashDirectory.raw)
            stashed += 1
        }
        // Otherwise the step has removed or replaced what we had put there: that is a change of its own, and stays.
        guard let original = amendment.original, isOurs || (present == nil && amendment.insists) else { return }
        try FileSystem.rename(original, at: stashDirectory.raw, to: amendment.name, in: directory)
    }

    private func setModified(_ directory: CInt, _ time: FileTime) throws(SystemError) {
        var times = [timespec(tv_sec: 0, tv_nsec: Int(omittedTime)), timespec()]
        times[1] = timespec(tv_sec: Int(time.seconds), tv_nsec: Int(time.nanoseconds))
        _ = try checked("futimens") { futimens(directory, &times) }
    }
}

/// `UTIME_OMIT` of utimensat(2), a macro that Swift does not see.
private let omittedTime = (1 << 30) - 2
