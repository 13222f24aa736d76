import CLinux

/// One capability of capabilities(7) that a rung may need.
package enum LinuxCapability: UInt64, CaseIterable, Sendable {
    case setgid = 6
    case setuid = 7
    case setpcap = 8
    case sysChroot = 18
    case sysAdmin = 21
    case mknod = 27
    case setfcap = 31

    /// As capabilities(7) writes it.
    package var name: String {
        switch self {
        case .setgid: "CAP_SETGID"
        case .setuid: "CAP_SETUID"
        case .setpcap: "CAP_SETPCAP"
        case .sysChroot: "CAP_SYS_CHROOT"
        case .sysAdmin: "CAP_SYS_ADMIN"
        case .mknod: "CAP_MKNOD"
        case .setfcap: "CAP_SETFCAP"
        }
    }

    /// Whether the calling thread has it now.
    package var isEffective: Bool { clinux_effective_capabilities() & 1 << rawValue != 0 }
}
