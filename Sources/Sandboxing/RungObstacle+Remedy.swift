extension RungObstacle {
    /// The command or setting that would lift it, where there is one.
    package var remedy: String? {
        switch self {
        case .notRoot: "run as root (sudo)"
        case .missingCapability(let names):
            names == ["CAP_SYS_ADMIN"]
                ? "in a container: --privileged, or --cap-add SYS_ADMIN with AppArmor and seccomp unconfined"
                : "in a container: the capabilities that Docker grants by default, or --cap-add "
                    + names.map { String($0.dropFirst(4)) }.joined(separator: " --cap-add ")
        case .inChroot: "leave the chroot, or enter it by pivot_root(2), as containers do"
        case .noNewPrivileges:
            "Kubernetes: securityContext.allowPrivilegeEscalation: true; Docker: without --security-opt "
                + "no-new-privileges; systemd: NoNewPrivileges=no"
        case .notEntered: "call Rootless.enter() first thing in main"
        case .userNamespacesUnknown: "a kernel with CONFIG_USER_NS=y"
        case .noUserNamespaces: "sysctl -w user.max_user_namespaces=15000"
        case .unprivilegedUserNamespacesOff: "sysctl -w kernel.unprivileged_userns_clone=1"
        case .refusedByAppArmor: Self.appArmorRemedy
        case .confinedByAppArmor:
            "Docker: --security-opt apparmor=unconfined; Kubernetes: securityContext.appArmorProfile.type: Unconfined"
        case .refusedBySeccomp:
            "Docker: --security-opt seccomp=Fixtures/recipes/seccomp.json (or unconfined); Kubernetes: "
                + "securityContext.seccompProfile.type: Localhost with that file, or Unconfined"
        case .noNewuidmap: "apt-get install uidmap"
        case .powerlessNewuidmap(let programs):
            "chmod u+s \(programs.joined(separator: " ")), or apt-get install --reinstall uidmap; and no nosuid on "
                + "their file system"
        case .setUserIDNewuidmap(let programs):
            programs.map { path in
                let capability = path.hasSuffix("newgidmap") ? "cap_setgid" : "cap_setuid"
                return "chmod u-s \(path) && setcap \(capability)=ep \(path)"
            }.joined(separator: " && ")
        case .noSubordinateIDs(let user, _): Self.grant(to: user)
        case .tooFewSubordinateIDs: Self.grant(to: "USER")
        case .noAccount(let uid):
            "useradd --uid \(uid) builder && " + Self.grant(to: "builder")
        case .unmappedSubordinateIDs:
            "name ids in /etc/subuid and /etc/subgid that /proc/self/uid_map has, as USER:1:999 and USER:1001:64535"
        case .procMasked:
            "Docker: --security-opt systempaths=unconfined; Kubernetes: securityContext.procMount: Unmasked with "
                + "hostUsers: false"
        case .overlayRefused: "keep the store on ext4, xfs, btrfs or tmpfs (--root): overlay on overlay is refused"
        case .noAttributes: "keep the store on ext4, xfs or btrfs (--root, OCIBUILD_ROOT)"
        case .nodevStore: "keep the store on a file system without nodev (--root)"
        case .storeNotWritable: "choose another folder for the store (--root, OCIBUILD_ROOT)"
        case .noSupervisor: "a kernel from 5.9 on whose seccomp filter allows seccomp(2) itself"
        case .inUserNamespace, .mapRefused, .refused: nil
        }
    }

    private static func grant(to user: String) -> String {
        "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \(user)"
    }

    /// A profile for this very program is better than to open the door to all of them.
    private static var appArmorRemedy: String {
        let program = ProcessFacts.ownProgram
        return "printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile ocibuild \(program) flags=(unconfined) "
            + "{\\n  userns,\\n}\\n' | sudo tee /etc/apparmor.d/ocibuild && sudo apparmor_parser -r "
            + "/etc/apparmor.d/ocibuild; or for all programs: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    }
}
