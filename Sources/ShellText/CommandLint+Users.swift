extension CommandLint {
    /// A package manager, or a removal of what belongs to the system, as somebody who may not do it.
    static func needsRoot(_ subject: Subject) -> CommandFinding? {
        guard !subject.context.isRoot, let user = subject.context.user else { return nil }
        for command in subject.commands where !command.changesUser {
            let command = command.unwrapped
            guard let what = systemChange(command) else { continue }
            return CommandFinding(
                code: .needsRoot, message: "\(what) needs root, and this command runs as \(user)",
                suggestion: "say user: \"root\" for this command alone (user=\"root\" in Python), or put it before the "
                    + "change of user")
        }
        return nil
    }

    /// What `command` changes that only root may change; nil if nothing.
    private static func systemChange(_ command: SimpleCommand) -> String? {
        let verbs: Set<String>
        switch command.name {
        case "apt", "apt-get", "aptitude":
            verbs = [
                "update", "install", "reinstall", "upgrade", "full-upgrade", "dist-upgrade", "remove", "purge",
                "autoremove", "autopurge", "clean", "autoclean", "build-dep",
            ]
        case "apk": verbs = ["add", "del", "update", "upgrade", "fix"]
        case "dnf", "dnf5", "yum", "microdnf", "tdnf":
            verbs = [
                "install", "reinstall", "update", "upgrade", "remove", "erase", "autoremove", "clean", "groupinstall",
            ]
        case "zypper": verbs = ["install", "in", "remove", "rm", "update", "up", "dup", "refresh", "ref"]
        case "rm", "rmdir": return removal(command)
        default: return nil
        }
        guard let verb = command.arguments.first(where: { verbs.contains($0) }) else { return nil }
        let isTrial = command.arguments.contains { ["-s", "--simulate", "--dry-run", "--just-print"].contains($0) }
        // `--help` changes nothing, nor does what only prints.
        return isTrial || command.arguments.contains("--help") ? nil : "\(command.name) \(verb)"
    }

    private static func removal(_ command: SimpleCommand) -> String? {
        // Folders in which everybody, or the user, may write.
        let free = ["/tmp", "/var/tmp", "/dev/shm", "/home", "/run/user", "/var/run/user"]
        let system = [
            "/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/root", "/sbin", "/srv", "/usr",
            "/var",
        ]
        func lies(_ path: String, in folder: String) -> Bool { path == folder || path.hasPrefix(folder + "/") }
        let path = command.arguments.first { word in
            !word.hasPrefix("-") && !free.contains { lies(word, in: $0) } && system.contains { lies(word, in: $0) }
                // An application's own folder may well have been given to the user.
                && !lies(word, in: "/opt") && !lies(word, in: "/srv") && !lies(word, in: "/usr/local")
        }
        return path.map { "\(command.name) of \($0)" }
    }
}
