import Glibc

/// The `MS_*` bits of mount(2).
struct MountFlags: OptionSet, Hashable, Sendable, CustomStringConvertible {
    let rawValue: UInt64

    static let readOnly = MountFlags(rawValue: 1)
    static let noSetUser = MountFlags(rawValue: 2)
    static let noDevices = MountFlags(rawValue: 4)
    static let noExecution = MountFlags(rawValue: 8)
    static let remount = MountFlags(rawValue: 32)
    static let bind = MountFlags(rawValue: 4096)
    static let recursive = MountFlags(rawValue: 16384)
    static let `private` = MountFlags(rawValue: 1 << 18)
    static let strictAccessTime = MountFlags(rawValue: 1 << 24)

    private static let names: [(MountFlags, String)] = [
        (.readOnly, "ro"), (.noSetUser, "nosuid"), (.noDevices, "nodev"), (.noExecution, "noexec"),
        (.remount, "remount"), (.bind, "bind"), (.recursive, "rec"), (.private, "private"),
        (.strictAccessTime, "strictatime"),
    ]

    var description: String {
        Self.names.filter { contains($0.0) }.map(\.1).joined(separator: ",")
    }
}

/// The namespaces that a step gets of its own: `CLONE_NEW*` bits of clone(2).
struct Namespaces: OptionSet, Hashable, Sendable, CustomStringConvertible {
    let rawValue: UInt64

    static let mount = Namespaces(rawValue: 0x0002_0000)
    static let cgroup = Namespaces(rawValue: 0x0200_0000)
    static let hostname = Namespaces(rawValue: 0x0400_0000)
    static let ipc = Namespaces(rawValue: 0x0800_0000)
    static let user = Namespaces(rawValue: 0x1000_0000)
    static let process = Namespaces(rawValue: 0x2000_0000)
    static let network = Namespaces(rawValue: 0x4000_0000)

    private static let names: [(Namespaces, String)] = [
        (.mount, "mnt"), (.process, "pid"), (.ipc, "ipc"), (.hostname, "uts"), (.cgroup, "cgroup"), (.network, "net"),
        (.user, "user"),
    ]

    var description: String {
        let own = Self.names.filter { contains($0.0) }.map(\.1)
        return own.isEmpty ? "none" : own.joined(separator: " ")
    }
}
