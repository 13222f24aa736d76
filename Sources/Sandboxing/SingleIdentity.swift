import Glibc
import LinuxSystem

/// The map of a user namespace in which the builder's user is root, and there is nobody else.
enum SingleIdentity {
    /// Maps user and group of this process to 0 in the namespace of `pid`, as user_namespaces(7) lets anybody do it who
    /// gives up setgroups(2) in there (CVE-2014-8989).
    static func map(_ pid: pid_t) throws {
        let folder = Path("/proc/\(pid)")
        try write("deny", to: folder / "setgroups")
        try write("0 \(geteuid()) 1", to: folder / "uid_map")
        try write("0 \(getegid()) 1", to: folder / "gid_map")
    }

    /// In one write(2), as these files want it.
    private static func write(_ text: String, to path: Path) throws {
        let file = try OwnedDescriptor.open(path, O_WRONLY)
        try Array(text.utf8).withUnsafeBytes { try file.writeAll($0) }
    }
}
