import Glibc
import LinuxSystem

extension RungObstacle {
    /// What a refusal means, as far as the machine's settings explain it.
    init(_ refusal: NamespaceTrial.Refusal, user: NamespaceTraits.UserNamespace, storeRoot: Path) {
        switch refusal {
        case .store(let error): self = .storeNotWritable("\(error)")
        case .namespaces(let errno, _):
            self = user == .single ? .init(noUserNamespace: errno) : .init(noNamespaces: errno)
        case .map(let error):
            self = Settings.isRestrictedByAppArmor ? .refusedByAppArmor : .mapRefused("\(error)")
        case .operation(let operation, let errno, let words):
            self = .init(operation, errno, words, user: user)
        case .other(let words): self = .refused(words)
        }
    }

    private init(_ operation: SandboxOperation, _ errno: Errno, _ words: String, user: NamespaceTraits.UserNamespace) {
        switch operation {
        case .openMounts("/proc", _), .attachMounts(_, target: "/proc", _), .expect("/proc", _): self = .procMasked
        case .mount where errno == .permission || errno == .accessDenied:
            // The first thing that a namespace without power is refused.
            if user == .single, Settings.isRestrictedByAppArmor {
                self = .refusedByAppArmor
            } else if ProcessPrivileges.current.isFiltered {
                self = .refusedBySeccomp(call: "mount", errno: errno.code)
            } else {
                self = .refused(words)
            }
        case .expectDevice, .makeNode: self = .nodevStore
        default: self = .refused(words)
        }
    }

    /// The namespaces of real root.
    private init(noNamespaces errno: Errno) {
        let privileges = ProcessPrivileges.current
        self =
            privileges.mayMount && privileges.isFiltered
            ? .refusedBySeccomp(call: "clone", errno: errno.code)
            : .refused("the kernel refused to make namespaces: \(errno)")
    }

    private init(noUserNamespace errno: Errno) {
        switch errno.code {
        case ENOSPC, EUSERS:
            self = .noUserNamespaces(limit: Settings.number(Settings.maximum) ?? 0)
        case EINVAL,
            ENOSYS where Settings.number(Settings.maximum) == nil:
            self = .userNamespacesUnknown
        default:
            if Settings.number(Settings.maximum) == 0 {
                self = .noUserNamespaces(limit: 0)
            } else if Settings.number(Settings.unprivileged) == 0, geteuid() != 0 {
                self = .unprivilegedUserNamespacesOff
            } else if Settings.isInChroot {
                self = .inChroot
            } else if ProcessPrivileges.current.isFiltered {
                self = .refusedBySeccomp(call: "clone", errno: errno.code)
            } else if Settings.isRestrictedByAppArmor {
                self = .refusedByAppArmor
            } else {
                self = .refused("the kernel refused to make a user namespace: \(errno)")
            }
        }
    }

    /// What the machine says of itself; used to explain a refusal, never to foresee one.
    private enum Settings {
        static let maximum: Path = "/proc/sys/user/max_user_namespaces"
        static let unprivileged: Path = "/proc/sys/kernel/unprivileged_userns_clone"
        static let appArmor: Path = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"

        static func number(_ path: Path) -> Int? {
            guard let bytes = try? FileSystem.readFile(path, limit: 64) else { return nil }
            return Int(String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self))
        }

        static var isRestrictedByAppArmor: Bool { number(appArmor) == 1 && !ProcessPrivileges.current.mayMount }

        /// In a chroot nothing that is mounted is at "/".
        static var isInChroot: Bool {
            guard let mounts = MountTable.current, !mounts.isEmpty else { return false }
            return !mounts.contains { $0.point == "/" }
        }
    }
}
