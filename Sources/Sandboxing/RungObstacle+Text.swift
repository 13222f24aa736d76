import LinuxSystem

extension RungObstacle: CustomStringConvertible {
    /// What was found, as the end of a sentence about a rung.
    package var description: String {
        switch self {
        case .notRoot(let uid): "needs root; this is uid \(uid)"
        case .missingCapability(let names): "needs \(names.joined(separator: ", ")), which this process lacks"
        case .inChroot: "this process runs in a chroot, where the kernel makes no user namespace"
        case .noNewPrivileges: "no_new_privs is set, so newuidmap cannot map ids"
        case .notEntered: "the builder did not enter a user namespace when it started"
        case .userNamespacesUnknown: "the kernel has no user namespaces"
        case .noUserNamespaces(let limit):
            limit == 0
                ? "user namespaces are off: user.max_user_namespaces is 0"
                : "user namespaces are used up: user.max_user_namespaces is \(limit)"
        case .unprivilegedUserNamespacesOff:
            "user namespaces are for root only here: kernel.unprivileged_userns_clone is 0"
        case .refusedByAppArmor:
            "AppArmor takes the power from unprivileged user namespaces: kernel.apparmor_restrict_unprivileged_userns is 1"
        case .refusedBySeccomp(let call, let errno):
            "\(call) is refused by a seccomp filter (\(Errno(code: errno)))"
        case .noNewuidmap(let programs): "\(programs.joined(separator: " and ")) cannot be used"
        case .noSubordinateIDs(let user, let files): "no line for \(user) in \(files.joined(separator: " and "))"
        case .mapRefused(let words): "the map of ids was refused: \(words)"
        case .procMasked: "/proc is covered in parts and cannot be mounted anew"
        case .overlayRefused(let fileSystem): "overlay is refused on the store's file system (\(fileSystem))"
        case .nodevStore: "device files do not work in the store"
        case .storeNotWritable(let words): "the store cannot be written: \(words)"
        case .noSupervisor(let errno): "system calls cannot be supervised (\(Errno(code: errno)))"
        case .refused(let words): words
        }
    }

    /// The command or setting that would lift it, where there is one.
    package var remedy: String? {
        switch self {
        case .notRoot: "run as root (sudo)"
        case .missingCapability(let names):
            names == ["CAP_SYS_ADMIN"]
                ? "in a container: --privileged, or --cap-add SYS_ADMIN with AppArmor and seccomp unconfined"
                : "in a container: the capabilities that Docker grants by default, or --cap-add "
                    + names.map { String($0.dropFirst(4)) }.joined(separator: " --cap-add ")
        case .noUserNamespaces: "sysctl -w user.max_user_namespaces=15000"
        case .unprivilegedUserNamespacesOff: "sysctl -w kernel.unprivileged_userns_clone=1"
        case .refusedByAppArmor: "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        case .refusedBySeccomp: "in a container: --security-opt seccomp=unconfined"
        case .noNewuidmap: "apt-get install uidmap"
        case .noSubordinateIDs(let user, _): "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \(user)"
        case .overlayRefused: "keep the store on ext4, xfs, btrfs or tmpfs (--root): overlay on overlay is refused"
        case .nodevStore: "keep the store on a file system without nodev (--root)"
        case .storeNotWritable: "choose another folder for the store (--root)"
        case .procMasked: "in a container: --security-opt systempaths=unconfined"
        case .inChroot, .noNewPrivileges, .notEntered, .userNamespacesUnknown, .mapRefused, .noSupervisor, .refused:
            nil
        }
    }
}
