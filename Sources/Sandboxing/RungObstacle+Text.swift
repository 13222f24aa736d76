import LinuxSystem

extension RungObstacle: CustomStringConvertible {
    /// What was found, as the end of a sentence about a rung.
    package var description: String {
        switch self {
        case .notRoot(let uid): "needs root; this is uid \(uid)"
        case .missingCapability(let names): "needs \(names.joined(separator: ", ")), which this process lacks"
        case .inUserNamespace: "this process is root of a user namespace, not of the machine"
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
        case .confinedByAppArmor(let profile): "the AppArmor profile \(profile) forbids mounts"
        case .noNewuidmap(let programs):
            "\(programs.joined(separator: " and ")) \(programs.count > 1 ? "are" : "is") not installed"
        case .powerlessNewuidmap(let programs):
            "\(programs.joined(separator: " and ")) have no power: not set-user-ID root, or on a file system with nosuid"
        case .setUserIDNewuidmap(let programs):
            "\(programs.joined(separator: " and ")) are set-user-ID root, which needs CAP_SYS_ADMIN within reach to map ids"
        case .noAccount(let uid): "uid \(uid) has no account, and without one newuidmap maps no ids"
        case .tooFewSubordinateIDs(let count): "there are only \(count) ids, and a Debian tree needs 65535"
        case .unmappedSubordinateIDs(let ids): "the subordinate ids \(ids) do not exist in this container"
        case .noSubordinateIDs(let user, let files): "no line for \(user) in \(files.joined(separator: " and "))"
        case .mapRefused(let words): "the map of ids was refused: \(words)"
        case .procMasked: "/proc is covered in parts, so it cannot be mounted anew"
        case .overlayRefused(let fileSystem): "overlay is refused on the store's file system (\(fileSystem))"
        case .noAttributes(let fileSystem):
            "the store's file system (\(fileSystem)) keeps no extended attributes, in which owners are recorded"
        case .nodevStore: "device files do not work in the store"
        case .storeNotWritable(let words): "the store cannot be written: \(words)"
        case .noSupervisor(let errno): "system calls cannot be supervised (\(Errno(code: errno)))"
        case .refused(let words): words
        }
    }

    /// A name of its kind that stays, for programs.
    package var code: String {
        switch self {
        case .notRoot: "not-root"
        case .missingCapability: "missing-capability"
        case .inUserNamespace: "in-user-namespace"
        case .inChroot: "in-chroot"
        case .noNewPrivileges: "no-new-privileges"
        case .notEntered: "not-entered"
        case .userNamespacesUnknown: "user-namespaces-unknown"
        case .noUserNamespaces: "no-user-namespaces"
        case .unprivilegedUserNamespacesOff: "unprivileged-user-namespaces-off"
        case .refusedByAppArmor: "refused-by-apparmor"
        case .confinedByAppArmor: "confined-by-apparmor"
        case .refusedBySeccomp: "refused-by-seccomp"
        case .noNewuidmap: "no-newuidmap"
        case .powerlessNewuidmap: "powerless-newuidmap"
        case .setUserIDNewuidmap: "set-user-id-newuidmap"
        case .noAccount: "no-account"
        case .noSubordinateIDs: "no-subordinate-ids"
        case .tooFewSubordinateIDs: "too-few-subordinate-ids"
        case .unmappedSubordinateIDs: "unmapped-subordinate-ids"
        case .mapRefused: "map-refused"
        case .procMasked: "proc-masked"
        case .overlayRefused: "overlay-refused"
        case .noAttributes: "no-attributes"
        case .nodevStore: "nodev-store"
        case .storeNotWritable: "store-not-writable"
        case .noSupervisor: "no-supervisor"
        case .refused: "refused"
        }
    }
}
