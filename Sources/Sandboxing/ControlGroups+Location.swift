import LinuxSystem

extension ControlGroups {
    /// Where the group of this process in one hierarchy is.
    struct Location: Hashable, Sendable {
        /// The hierarchy's controllers; none in version 2, whose groups say so themselves.
        var controllers: [String]
        /// Version 2.
        var isUnified: Bool
        /// The group as a directory; nil where the mounts do not reach it.
        var directory: Path?

        /// Reads `/proc/PID/cgroup` (cgroups(7)) against `/proc/PID/mountinfo` (proc_pid_mountinfo(5)).
        static func all(groups: String, mounts: String) -> [Location] {
            let mounts = mounts.split(separator: "\n").compactMap { Mount($0) }
            return groups.split(separator: "\n").compactMap { line in
                let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
                guard fields.count == 3 else { return nil }
                let controllers = fields[1].split(separator: ",").map(String.init)
                let isUnified = fields[0] == "0" && controllers.isEmpty
                let mount = mounts.first { mount in
                    isUnified
                        ? mount.type == "cgroup2"
                        : mount.type == "cgroup" && !controllers.isEmpty && mount.options.isSuperset(of: controllers)
                }
                guard let mount else { return nil }
                return Location(
                    controllers: controllers, isUnified: isUnified, directory: mount.place(of: Path(String(fields[2]))))
            }
        }
    }

    /// One mounted hierarchy.
    private struct Mount {
        /// Which group is mounted.
        let root: Path
        let point: Path
        let type: Substring
        let options: Set<String>

        init?(_ line: Substring) {
            let fields = line.split(separator: " ")
            guard fields.count > 6, let separator = fields.firstIndex(of: "-"), fields.count > separator + 3,
                fields[separator + 1].hasPrefix("cgroup")
            else { return nil }
            root = Self.path(fields[3])
            point = Self.path(fields[4])
            type = fields[separator + 1]
            options = Set(fields[separator + 3].split(separator: ",").map(String.init))
        }

        /// Spaces and the like stand there as octal numbers.
        private static func path(_ field: Substring) -> Path {
            var bytes: [UInt8] = []
            var rest = Array(field.utf8)[...]
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "\\"), rest.count >= 3,
                    let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
                {
                    bytes.append(value)
                    rest = rest.dropFirst(3)
                } else {
                    bytes.append(byte)
                }
            }
            return Path(bytes: bytes)
        }

        func place(of group: Path) -> Path? {
            // Above the root of its own namespace, a group begins with "/..".
            guard !group.components.contains(".."), !root.components.contains("..") else { return nil }
            if root == "/" { return point / group }
            guard group.hasPrefix(root) else { return nil }
            return point / Path(bytes: group.bytes.dropFirst(root.bytes.count))
        }
    }
}
