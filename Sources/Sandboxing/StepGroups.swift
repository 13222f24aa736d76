import CLinux
import Glibc
import LinuxSystem

/// The control groups of one step, one in each hierarchy that bounds something. Held by a lock that dies with this
/// process: whatever is not locked was left by a crash, and goes when the next step needs a group there.
final class StepGroups {
    private final class Member {
        let directory: Path
        let isUnified: Bool
        let lock: OwnedDescriptor

        init(_ directory: Path, isUnified: Bool, lock: consuming OwnedDescriptor) {
            self.directory = directory
            self.isUnified = isUnified
            self.lock = lock
        }
    }

    /// What the groups have counted.
    struct Counts {
        var memoryKills = 0
        var peakMemory: Int64?
    }

    private static let prefix = "ocibuild-step-"
    private var members: [Member] = []

    var directories: [Path] { members.map(\.directory) }

    /// Makes them, with their limits set.
    init(_ groups: [StepBounds.Group]) throws(SystemError) {
        for group in groups {
            Self.sweep(group.place.directory)
            let member = try Self.make(in: group.place)
            members.append(member)
            for setting in group.settings {
                do throws(SystemError) {
                    try ControlGroups.write(setting.value, to: member.directory / Path(setting.file))
                } catch {
                    guard setting.isOptional, error.errno == .noEntry else { throw error }
                }
            }
        }
    }

    deinit { remove() }

    /// Puts a process, and thereby all that it will start, into them.
    func admit(_ pid: pid_t) throws(SystemError) {
        for member in members { try ControlGroups.write("\(pid)", to: member.directory / "cgroup.procs") }
    }

    /// Reads what they counted and removes them, with whatever process is still in them.
    func finish() -> Counts {
        var counts = Counts()
        for member in members {
            let events = ControlGroups.words(
                in: member.directory / (member.isUnified ? "memory.events" : "memory.oom_control"))
            if let index = events.firstIndex(of: "oom_kill"), index + 1 < events.count {
                counts.memoryKills += Int(events[index + 1]) ?? 0
            }
            let peak = member.directory / (member.isUnified ? "memory.peak" : "memory.max_usage_in_bytes")
            counts.peakMemory = ControlGroups.words(in: peak).first.flatMap { Int64($0) } ?? counts.peakMemory
        }
        remove()
        return counts
    }

    private func remove() {
        for member in members { Self.remove(member.directory) }
        members = []
    }

    private static func make(in place: ControlGroups.Place) throws(SystemError) -> Member {
        while true {
            let name = prefix + String(UInt64.random(in: .min ... .max), radix: 36)
            let directory = place.directory / Path(name)
            try FileSystem.makeDirectory(directory)
            // One who sweeps may be faster than the lock.
            guard let lock = try? OwnedDescriptor.open(directory, O_RDONLY | CLINUX_O_DIRECTORY), try hold(lock),
                FileSystem.exists(directory)
            else { continue }
            return Member(directory, isUnified: place.isUnified, lock: lock)
        }
    }

    private static func hold(_ directory: borrowing OwnedDescriptor) throws(SystemError) -> Bool {
        let raw = directory.raw
        do throws(SystemError) {
            _ = try checked("flock") { clinux_flock(raw, LOCK_EX | LOCK_NB) }
            return true
        } catch {
            if error.errno == .again { return false }
            throw error
        }
    }

    private static func sweep(_ parent: Path) {
        for entry in (try? DirectoryListing.entries(at: parent)) ?? []
        where entry.name.bytes.starts(with: prefix.utf8) {
            let directory = parent / entry.name
            guard let lock = try? OwnedDescriptor.open(directory, O_RDONLY | CLINUX_O_DIRECTORY),
                (try? hold(lock)) == true
            else { continue }
            remove(directory)
        }
    }

    private static func remove(_ directory: Path) {
        // A process that has just ended may still count as one of the group's.
        for attempt in 0..<400 {
            do throws(SystemError) {
                return try FileSystem.removeDirectory(directory)
            } catch {
                guard error.errno == .busy else { return }
                if attempt % 20 == 0, (try? ControlGroups.write("1", to: directory / "cgroup.kill")) == nil {
                    for pid in ControlGroups.members(of: directory) where pid > 1 { kill(pid, SIGKILL) }
                }
                usleep(2000)
            }
        }
    }
}
