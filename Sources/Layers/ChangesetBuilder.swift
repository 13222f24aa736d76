import Archive
import LinuxSystem

/// Turns what a differ saw into a changeset: the rules that both differs share, so that both give the same bytes.
///
/// - An entry is in the changeset if type, mode, owner, size, time (to the nanosecond), link target, device, extended
///   attributes or content differ from before; identical copies are dropped, however they came about.
/// - A directory is in it if itself differs or anything below it is in it; the root only if itself differs.
/// - A deletion is one whiteout for the topmost name that is gone; a replaced directory is written as what it is now
///   and a whiteout for each name that is gone from it.
/// - The names of one file are one entry, at the first name in byte order, and hard links to it. If one of them
///   changed, or they were not one file before, all that the differ sees are written.
///
/// One difference between the rungs is accepted: an overlay mount breaks the hard links between names of the layers
/// below when one of them is changed, a plain tree does not.
struct ChangesetBuilder {
    /// A file, by its file system and number.
    struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
        /// Which layer's file it is, where files of several layers are compared.
        var layer = -1

        init(_ status: FileStatus, layer: Int = -1) {
            device = status.device
            inode = status.inode
            self.layer = layer
        }
    }

    private struct Member {
        var path: Path
        var status: FileStatus
        var changed: Bool
        var before: Identity?
    }

    let contentRoot: Path
    let ownership: TreeOwnership
    private var changed: [(path: Path, status: FileStatus)] = []
    private var whiteouts: [Path] = []
    private var skipped: [SkippedPath] = []
    private var groups: [Identity: [Member]] = [:]

    init(contentRoot: Path, ownership: TreeOwnership) {
        self.contentRoot = contentRoot
        self.ownership = ownership
    }

    /// A name that is there after the step; `before` is the file that had the name before it.
    mutating func add(_ path: Path, _ status: FileStatus, changed isChanged: Bool, before: Identity?) {
        if status.links > 1, status.type != .directory {
            let member = Member(path: path, status: status, changed: isChanged, before: before)
            groups[Identity(status), default: []].append(member)
        } else if isChanged {
            changed.append((path, status))
        }
    }

    /// A name that was there before the step, and now is gone.
    mutating func delete(_ path: Path) { whiteouts.append(path) }

    /// Why a name cannot be in a layer, or nil when it can.
    static func reasonToSkip(_ name: Path, _ status: FileStatus) -> SkippedPath.Reason? {
        if LayerName.isWhiteout(name) { return .whiteoutName }
        if status.type == .socket { return .socket }
        if status.isWhiteout { return .whiteoutDevice }
        return nil
    }

    /// A name that is there but cannot be in a layer.
    mutating func skip(_ path: Path, _ reason: SkippedPath.Reason) {
        skipped.append(SkippedPath(path: path, reason: reason))
    }

    /// Everything that was added, in byte order, with the directories above it.
    consuming func finish() throws -> Changeset {
        var changes: [Change] = []
        for members in groups.values { try append(members, to: &changes) }
        for (path, status) in changed { changes.append(Change(path: path, kind: .entry(try entry(path, status)))) }
        changes += whiteouts.map { Change(path: $0, kind: .whiteout) }

        var present = Set(changes.map(\.path))
        for path in present {
            for directory in path.ancestors where !present.contains(directory) {
                present.insert(directory)
                let status = try ownership.status(contentRoot / directory)
                changes.append(Change(path: directory, kind: .entry(try entry(directory, status))))
            }
        }
        changes.sort { $0.path < $1.path }
        return Changeset(changes: changes, contentRoot: contentRoot, skipped: skipped.sorted { $0.path < $1.path })
    }

    private func append(_ members: [Member], to changes: inout [Change]) throws {
        let wereOneFile = Set(members.map(\.before)).count == 1
        guard members.contains(where: \.changed) || !wereOneFile else { return }
        let sorted = members.sorted { $0.path < $1.path }
        guard let first = sorted.first else { return }
        let file = try entry(first.path, first.status)
        changes.append(Change(path: first.path, kind: .entry(file)))
        for member in sorted.dropFirst() {
            changes.append(Change(path: member.path, kind: .entry(.hardLink(at: member.path, to: file))))
        }
    }

    private func entry(_ path: Path, _ status: FileStatus) throws -> ArchiveEntry {
        let place = contentRoot / path
        guard var entry = ArchiveEntry(path: path, status: status) else {
            throw LayersError(.invalidEntry, path, "a socket cannot be stored in a layer")
        }
        if entry.type == .symlink { entry.linkTarget = try FileSystem.readLink(place) }
        if entry.type != .characterDevice, entry.type != .blockDevice { entry.device = DeviceNumber() }
        entry.attributes = try LayerAttributes.read(place, ownership: ownership)
        return entry
    }
}
