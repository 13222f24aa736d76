import CLinux
import Glibc
import LinuxSystem

/// The control groups (cgroups(7)) that this process may divide among its steps: its own, or the one that it left for a
/// leaf, and never one above. In version 1 each controller has a tree of its own; in version 2 there is one for all, in
/// which a group with processes of its own cannot be divided.
package struct ControlGroups: Hashable, Sendable {
    /// What counts or bounds one resource.
    package enum Controller: String, CaseIterable, Hashable, Sendable {
        case memory, pids, cpu, cpuset
    }

    /// Where groups of steps are made.
    struct Place: Hashable, Sendable {
        var directory: Path
        /// Version 2.
        var isUnified: Bool
    }

    /// The controllers that can be had, and where.
    var places: [Controller: Place] = [:]
    /// Why the others cannot be had, in words; empty where nothing is missing.
    var refusals: [String] = []
    /// The group of version 2 that this process has to leave before it is divided.
    var crowded: Path?

    /// Finds out, and changes nothing.
    package static func ofThisProcess() -> ControlGroups {
        func text(_ path: Path) -> String { String(decoding: (try? FileSystem.readFile(path)) ?? [], as: UTF8.self) }
        let located = Location.all(groups: text("/proc/self/cgroup"), mounts: text("/proc/self/mountinfo"))
        return ControlGroups(located)
    }

    init(_ located: [Location]) {
        if located.isEmpty { refusals.append("no control groups are mounted here") }
        for location in located where !location.isUnified { add(location) }
        for location in located where location.isUnified { addUnified(location) }
        let missing = Controller.allCases.filter { places[$0] == nil }.map(\.rawValue)
        if !missing.isEmpty, refusals.isEmpty {
            refusals.append("its control group lacks \(missing.joined(separator: ", "))")
        }
    }

    private mutating func add(_ location: Location) {
        let wanted = location.controllers.compactMap { Controller(rawValue: $0) }
        guard !wanted.isEmpty else { return }
        guard let directory = location.directory, Self.isWritable(directory) else {
            return refusals.append("\(location.directory ?? "its control group") is not writable")
        }
        for controller in wanted { places[controller] = Place(directory: directory, isUnified: false) }
    }

    private mutating func addUnified(_ location: Location) {
        guard let own = location.directory else {
            return refusals.append("its control group is outside of what it sees")
        }
        // A leaf of this name was made, by this process or one before it, for what divides the group above.
        let isLeaf = own.lastComponent?.bytes.starts(with: Self.leafPrefix.utf8) ?? false
        let directory = isLeaf ? own.parent ?? own : own
        let offered = Self.words(in: directory / "cgroup.controllers").compactMap { Controller(rawValue: $0) }
        let wanted = offered.filter { places[$0] == nil }
        guard !wanted.isEmpty else { return }
        let files: [Path] = ["", "cgroup.procs", "cgroup.subtree_control"]
        guard files.allSatisfy({ Self.isWritable(directory / $0) }) else {
            return refusals.append("\(directory) is not writable")
        }
        // Only the root of the whole machine has no type, and only it may have processes beside groups.
        if !isLeaf, FileSystem.exists(own / "cgroup.type") {
            if let stranger = Self.members(of: own).first(where: { !Self.isOurs($0) }) {
                let name = Self.words(in: Path("/proc/\(stranger)/comm")).first ?? "?"
                return refusals.append("\(own) has processes that are not the builder's (\(stranger), \(name))")
            }
            crowded = own
        }
        for controller in wanted { places[controller] = Place(directory: directory, isUnified: true) }
    }
}

extension ControlGroups {
    private static let leafPrefix = "ocibuild-builder-"

    /// Does what dividing a group of version 2 takes: moves this process and its children into a leaf, and hands the
    /// controllers on. To be called before a group is made there; what cannot be had is not in the result.
    package func prepared() -> ControlGroups {
        var result = self
        do {
            if let crowded {
                let leaf = crowded / Path("\(Self.leafPrefix)\(getpid())")
                do { try FileSystem.makeDirectory(leaf) } catch { if error.errno != .exists { throw error } }
                for pid in Self.members(of: crowded) where Self.isOurs(pid) {
                    // One that has ended meanwhile needs no move.
                    do { try Self.write("\(pid)", to: leaf / "cgroup.procs") } catch {
                        if error.errno != Errno(code: ESRCH) { throw error }
                    }
                }
                result.crowded = nil
            }
            for (controller, place) in places where place.isUnified {
                let file = place.directory / "cgroup.subtree_control"
                guard !Self.words(in: file).contains(controller.rawValue) else { continue }
                try Self.write("+\(controller.rawValue)", to: file)
            }
        } catch {
            result.places = places.filter { !$0.value.isUnified }
            result.refusals.append("the control group cannot be divided (\(error))")
        }
        return result
    }

    private static func isWritable(_ path: Path) -> Bool { path.withCString { access($0, W_OK) } == 0 }

    /// In one write(2), as the kernel wants it.
    static func write(_ text: String, to path: Path) throws(SystemError) {
        let file = try OwnedDescriptor.open(path, O_WRONLY)
        let bytes = Array(text.utf8)
        let raw = file.raw
        _ = try checked("write", path) { Glibc.write(raw, bytes, bytes.count) }
    }

    static func words(in path: Path) -> [String] {
        let bytes = (try? FileSystem.readFile(path)) ?? []
        return String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }.map(String.init)
    }

    static func members(of group: Path) -> [pid_t] { words(in: group / "cgroup.procs").compactMap { pid_t($0) } }

    /// Whether a process is this one or descends from it.
    private static func isOurs(_ pid: pid_t) -> Bool {
        var pid = pid
        for _ in 0..<64 where pid > 1 {
            if pid == getpid() { return true }
            // The name, in parentheses, may hold anything.
            let bytes = (try? FileSystem.readFile(Path("/proc/\(pid)/stat"))) ?? []
            let fields = bytes[(bytes.lastIndex(of: UInt8(ascii: ")")).map { $0 + 1 } ?? 0)...].split(separator: 0x20)
            guard fields.count > 1, let parent = pid_t(String(decoding: fields[1], as: UTF8.self)) else { return false }
            pid = parent
        }
        return pid == getpid()
    }
}
