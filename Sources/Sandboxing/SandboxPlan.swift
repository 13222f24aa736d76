import LinuxSystem

/// All that starting one step takes, as a value: what `CSandbox` will do, in order, and what it executes then.
struct SandboxPlan: Hashable, Sendable {
    var namespaces: Namespaces
    var operations: [SandboxOperation] = []
    /// Paths to try to execute, in order. Empty: the process ends with status 0 instead (a probe).
    var executables: [Path] = []
    var arguments: [String] = []
    var environment: [String] = []
    /// What the step may use; the operations see to a part of it.
    var bounds = StepBounds()

    /// Without a pid namespace the guard has to find and kill what the step leaves behind.
    var collectsDescendants: Bool { !namespaces.contains(.process) }
}

extension SandboxPlan: CustomStringConvertible {
    /// One operation a line, then the command; the values of environment variables are left out, they may be secret.
    var description: String {
        var lines = ["namespaces \(namespaces)"]
        lines += operations.map(\.description)
        if !environment.isEmpty {
            lines.append("environment " + environment.map { String($0.prefix { $0 != "=" }) }.joined(separator: " "))
        }
        if !executables.isEmpty {
            lines.append("execute \(executables.map(\.description).joined(separator: " | ")): \(arguments)")
        }
        return lines.joined(separator: "\n")
    }
}

extension SandboxPlan {
    /// Where a command is looked for when the environment has no PATH, as Docker has it.
    static let defaultSearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Takes command, environment and bounds of `spec`, and looks up nothing: the process tries the places in order.
    mutating func setCommand(of spec: SandboxSpec) throws(SandboxError) {
        guard let name = spec.command.first else {
            throw SandboxError(.request, "command", "a command of at least one word is needed")
        }
        for word in spec.command + spec.environment + [spec.workingDirectory] where word.utf8.contains(0) {
            throw SandboxError(.request, Path(word).description, "a NUL byte cannot be passed to a program")
        }
        bounds = spec.bounds
        arguments = spec.command
        environment = spec.environment
        if name.utf8.contains(UInt8(ascii: "/")) {
            executables = [Path(name)]
            return
        }
        let search =
            spec.environment.last { $0.hasPrefix("PATH=") }.map { $0.dropFirst(5) } ?? Self.defaultSearchPath[...]
        guard !name.isEmpty else { throw SandboxError(.request, "command", "its first word is empty") }
        executables = search.split(separator: ":", omittingEmptySubsequences: false).map { directory in
            (directory.isEmpty ? Path(".") : Path(directory)) / Path(name)
        }
    }

    /// The last operations: from root with all its power to the user of the step.
    static func surrender(
        to spec: SandboxSpec, keeping capabilities: Capabilities, in user: NamespaceTraits.UserNamespace = .initial
    ) -> [SandboxOperation] {
        var groups = spec.user.groups
        if !groups.contains(spec.user.gid) { groups.insert(spec.user.gid, at: 0) }
        // What a mount lies in, or on, is there by now.
        let missing = spec.missingDirectories.filter { directory in
            !spec.mounts.contains { Path($0.target).hasPrefix(directory) }
        }
        let common: [SandboxOperation] =
            [.umask(0o022)] + missing.map { .makeDirectory($0, mode: 0o755) } + [
                .noCoreFiles,
                // As root still: the directory need not be open to the step's user, as with Docker.
                .enter(Path(spec.workingDirectory)),
                .checkCommand,
            ] + limiting(spec.bounds)
        switch user {
        case .initial, .entered:
            return common + [
                .boundingSet(capabilities), .groups(groups), .group(spec.user.gid), .user(spec.user.uid),
                .capabilities(capabilities),
            ]
        case .single:
            // There is one id only. Who the step is besides is for the supervisor to say, and never the kernel's
            // business, so the capabilities stay.
            let user = SandboxUser(uid: spec.user.uid, gid: spec.user.gid, groups: groups)
            return common + [.supervise(user), .boundingSet(capabilities), .capabilities(capabilities)]
        }
    }
}
