import LinuxSystem

/// What the process may do, by its effective capabilities.
enum Privileges {
    /// True with CAP_SYS_ADMIN: the process may mount, and set `trusted.*` attributes.
    static var mayMount: Bool {
        guard let status = try? FileSystem.readFile("/proc/self/status", limit: 1 << 16) else { return false }
        for line in String(decoding: status, as: UTF8.self).split(separator: "\n") where line.hasPrefix("CapEff:") {
            let digits = line.dropFirst("CapEff:".count).drop { $0 == "\t" || $0 == " " }
            return (UInt64(digits, radix: 16) ?? 0) & (1 << 21) != 0
        }
        return false
    }
}
