/// A set of Linux capabilities: bit n is capability n of capabilities(7).
struct Capabilities: OptionSet, Hashable, Sendable, CustomStringConvertible {
    let rawValue: UInt64

    static let makeNode = Capabilities(rawValue: 1 << 27)
    static let changeRoot = Capabilities(rawValue: 1 << 18)

    /// What Docker grants a container by default: chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap,
    /// net_bind_service, net_raw, sys_chroot, mknod, audit_write, setfcap.
    static let container = Capabilities(rawValue: 0xa804_25fb)

    /// As 16 hexadecimal digits, the way /proc/PID/status shows a set.
    var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: max(0, 16 - digits.count)) + digits
    }
}
