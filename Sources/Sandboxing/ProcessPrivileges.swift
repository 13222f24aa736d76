import LinuxSystem

/// What this process may do, as /proc/self tells it.
package struct ProcessPrivileges: Hashable, Sendable {
    /// Effective capabilities; bit n is capability n of capabilities(7).
    package let capabilities: UInt64
    /// Programs that it starts gain nothing by set-user-ID bits.
    package let noNewPrivileges: Bool
    /// A seccomp filter watches over it.
    package let isFiltered: Bool
    /// It is in the user namespace that the machine started with.
    package let isInitialNamespace: Bool
    /// How many user ids exist in its user namespace.
    package let identities: UInt64

    /// This process, now. Without /proc it is taken for one that may do nothing.
    package static var current: ProcessPrivileges {
        ProcessPrivileges(status: read("/proc/self/status"), map: read("/proc/self/uid_map"))
    }

    /// A process with these files `status` and `uid_map`.
    package init(status: String, map: String) {
        var fields: [Substring: Substring] = [:]
        for line in status.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1].drop { $0 == " " || $0 == "\t" } }
        }
        capabilities = fields["CapEff"].flatMap { UInt64($0, radix: 16) } ?? 0
        noNewPrivileges = fields["NoNewPrivs"] == "1"
        isFiltered = fields["Seccomp"] == "2"
        let ranges = map.split(separator: "\n").map { $0.split(separator: " ").compactMap { UInt64($0) } }
        identities = ranges.reduce(0) { $0 + ($1.count == 3 ? $1[2] : 0) }
        isInitialNamespace = ranges == [[0, 0, UInt64(UInt32.max)]]
    }

    /// CAP_SYS_ADMIN: mounts, namespaces, and in the initial user namespace `trusted.*` attributes.
    package var mayMount: Bool { capabilities & (1 << 21) != 0 }

    private static func read(_ path: Path) -> String {
        String(decoding: (try? FileSystem.readFile(path, limit: 1 << 16)) ?? [], as: UTF8.self)
    }
}
