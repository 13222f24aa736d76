import CLinux
import Glibc
import LinuxSystem

/// What can be read of this process and the machine without trying anything: to tell apart refusals that the kernel
/// answers with the same error number.
package enum ProcessFacts {
    /// Whether `no_new_privs` is set: execve(2) gives no privileges any more.
    package static var hasNoNewPrivileges: Bool { clinux_no_new_privileges() != 0 }

    /// Whether a seccomp filter is installed, as container runtimes do.
    package static var isFiltered: Bool {
        let status = (try? FileSystem.readFile("/proc/self/status", limit: 1 << 16)) ?? []
        return status.split(separator: UInt8(ascii: "\n")).contains(Array("Seccomp:\t2".utf8)[...])
    }

    /// Whether the root directory is one that chroot(2) gave: no file system is mounted there.
    package static var isInChroot: Bool {
        guard let mounts = try? FileSystem.readFile("/proc/self/mountinfo", limit: 64 << 20), !mounts.isEmpty else {
            return false
        }
        return !mounts.split(separator: UInt8(ascii: "\n")).contains { line in
            line.split(separator: UInt8(ascii: " "), maxSplits: 5).dropFirst(4).first == [UInt8(ascii: "/")]
        }
    }

    /// The number in a file below /proc/sys; nil where this kernel has no such setting.
    package static func setting(_ name: String) -> Int? {
        let path = "/proc/sys/" + String(name.map { $0 == "." ? "/" : $0 })
        let text = (try? FileSystem.readFile(Path(path), limit: 4096)) ?? []
        return Int(String(decoding: text.filter { (48...57).contains($0) }, as: UTF8.self))
    }

    /// The AppArmor profile that holds this process, as `docker-default (enforce)`; nil where none does.
    package static var appArmorProfile: String? {
        let own = "/proc/self/attr/apparmor/current"
        // The older file belongs to whichever security module came first.
        let path = FileSystem.exists(Path(own)) ? own : "/proc/self/attr/current"
        guard FileSystem.exists("/sys/module/apparmor"), let text = try? FileSystem.readFile(Path(path), limit: 4096)
        else { return nil }
        let label = String(decoding: text.prefix { $0 != 10 && $0 != 0 }, as: UTF8.self)
        return label.isEmpty || label == "unconfined" ? nil : label
    }

    /// The path of the program that this process runs.
    package static var ownProgram: String {
        ((try? FileSystem.readLink("/proc/self/exe")) ?? nil)?.description ?? "/usr/local/bin/ocibuild"
    }

    /// Where a program is: PATH first, then where distributions keep it.
    package static func program(_ name: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/bin", "/usr/sbin", "/bin", "/usr/local/bin"]
        return folders.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// Whether a program gets privileges that its caller lacks: by the set-user-ID bit of root or by capabilities.
    package static func raisesPrivileges(_ path: String) -> Bool {
        var mount = statvfs()
        if statvfs(path, &mount) == 0, mount.f_flag & UInt(ST_NOSUID) != 0 { return false }
        guard let status = try? FileSystem.status(Path(path), following: true) else { return false }
        if status.mode & 0o4000 != 0, status.uid == 0 { return true }
        return hasFileCapabilities(path)
    }

    /// Whether a program brings capabilities of its own; see setcap(8).
    package static func hasFileCapabilities(_ path: String) -> Bool {
        ((try? ExtendedAttributes.value(Array("security.capability".utf8), of: Path(path))) ?? nil) != nil
    }

    /// Whether a program that this process starts may come to have a capability: it is in the bounding set.
    package static func isWithinReach(_ capability: LinuxCapability) -> Bool {
        let status = (try? FileSystem.readFile("/proc/self/status", limit: 1 << 16)) ?? []
        let label = Array("CapBnd:\t".utf8)
        guard let line = status.split(separator: UInt8(ascii: "\n")).first(where: { $0.starts(with: label) }) else {
            return true
        }
        let set = UInt64(String(decoding: line.dropFirst(label.count), as: UTF8.self), radix: 16)
        return (set ?? .max) & 1 << capability.rawValue != 0
    }
}
