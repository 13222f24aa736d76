import Glibc
import LinuxSystem

extension RungObstacle {
    /// What the refusal of a trial means, as far as the machine's settings explain it.
    init(
        _ refusal: NamespaceTrial.Refusal, user: NamespaceTraits.UserNamespace, fileSystem: @autoclosure () -> String
    ) {
        switch refusal {
        case .store(let error): self = .storeNotWritable("\(error)")
        case .attributes: self = .noAttributes(fileSystem: fileSystem())
        case .map(let error): self = .refusal(of: "uid_map", error.errno)
        case .namespaces(let errno, _):
            self =
                user == .single
                ? .refusal(of: "clone", errno)
                : .init(of: "clone", errno, "the kernel refused to make namespaces: \(errno)")
        case .operation(let operation, let errno, let words):
            switch operation {
            case .openMounts("/proc", _), .attachMounts(_, target: "/proc", _), .expect("/proc", _): self = .procMasked
            case .supervise, .claim: self = .noSupervisor(errno: errno.code)
            // The first that a namespace without power is refused.
            case .mount where user == .single && (errno == .permission || errno == .accessDenied):
                self = .refusal(of: "mount", errno)
            case .mount: self = .init(of: "mount", errno, words)
            default: self = .refused(words)
            }
        case .other(let words): self = .refused(words)
        }
    }

    /// What root with CAP_SYS_ADMIN is refused, it is refused by somebody else than the kernel.
    private init(of call: String, _ errno: Errno, _ words: String) {
        if ProcessFacts.isFiltered, errno == .permission || errno == .noSystemCall {
            self = .refusedBySeccomp(call: call, errno: errno.code)
        } else if errno == .accessDenied, let profile = ProcessFacts.appArmorProfile {
            self = .confinedByAppArmor(profile: profile)
        } else {
            self = .refused(words)
        }
    }
}
