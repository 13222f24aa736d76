import Glibc
import LinuxSystem

extension RungObstacle {
    /// Why the kernel refused a step on the way into a user namespace. EPERM alone says little: settings, filters and
    /// security modules all answer with it, so what can be read of them decides.
    /// - Parameter call: the system call, or the file of /proc that was written.
    package static func refusal(of call: String, _ errno: Errno) -> RungObstacle {
        let makes = call == "unshare" || call == "clone"
        switch errno.code {
        // Also what max_mnt_namespaces and a nesting of 32 namespaces answer.
        case ENOSPC where makes, EUSERS where makes:
            return .noUserNamespaces(limit: ProcessFacts.setting("user.max_user_namespaces") ?? 0)
        case EINVAL where makes: return .userNamespacesUnknown
        case ENOSYS where makes:
            return ProcessFacts.isFiltered ? .refusedBySeccomp(call: call, errno: ENOSYS) : .userNamespacesUnknown
        case EPERM, EACCES: break
        default: return .refused("\(call) in a new user namespace: \(errno)")
        }
        if makes, ProcessFacts.setting("kernel.unprivileged_userns_clone") == 0 {
            return .unprivilegedUserNamespacesOff
        }
        if makes, ProcessFacts.isInChroot { return .inChroot }
        if ProcessFacts.setting("kernel.apparmor_restrict_unprivileged_userns") == 1, geteuid() != 0,
            ProcessFacts.appArmorProfile == nil
        {
            return .refusedByAppArmor
        }
        // A filter answers EPERM or ENOSYS; AppArmor says EACCES to a mount.
        if ProcessFacts.isFiltered, errno == .permission { return .refusedBySeccomp(call: call, errno: errno.code) }
        if let profile = ProcessFacts.appArmorProfile { return .confinedByAppArmor(profile: profile) }
        return .refused("\(call) in a new user namespace: \(errno)")
    }
}
