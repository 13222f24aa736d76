/// Something that a RUN step sees while it runs and that never becomes part of its layer: what
/// `RUN --mount=type=…` of a Dockerfile says.
/// https://docs.docker.com/reference/dockerfile/#run---mount
///
/// Closed on purpose: a new kind is a compile error in every place that must learn of it.
public enum RunMount: Hashable, Sendable {
    /// Files of the build context, of another stage or of an image. What the step writes there is discarded.
    case bind(Bind)
    /// A directory that outlives the build: what a package manager downloads need not be downloaded again.
    case cache(Cache)
    /// An empty directory in memory.
    case tmpfs(Tmpfs)
    /// A secret, as a file in memory or as a variable of the environment.
    case secret(Secret)
    /// The socket of an SSH agent.
    case ssh(SSH)

    /// The value of `type=`.
    public var type: String {
        switch self {
        case .bind: "bind"
        case .cache: "cache"
        case .tmpfs: "tmpfs"
        case .secret: "secret"
        case .ssh: "ssh"
        }
    }

    /// Where it is mounted; nil for a secret that is a variable only, and for an agent's socket at the usual place.
    public var target: String? {
        switch self {
        case .bind(let mount): mount.target
        case .cache(let mount): mount.target
        case .tmpfs(let mount): mount.target
        case .secret(let mount): mount.target
        case .ssh(let mount): mount.target
        }
    }

    /// The stage or image that a bind takes its files from, or that a new cache is filled from.
    public var from: String? {
        switch self {
        case .bind(let mount): mount.from
        case .cache(let mount): mount.from
        case .tmpfs, .secret, .ssh: nil
        }
    }
}

extension RunMount {
    /// The flag of RUN that says the same in a Dockerfile, one word of it.
    public var dockerfileFlag: String {
        var word = "--mount="
        for scalar in flag.unicodeScalars {
            // Flags are read before variables: what escapes a "$" has to be escaped itself.
            if "\\\"' \t".unicodeScalars.contains(scalar) { word += "\\" }
            word.unicodeScalars.append(scalar)
        }
        return word
    }

    /// The fields of `--mount=`, before a Dockerfile's own quoting: `type=cache,target=/root/.cache`. What the expansion
    /// of variables would take for its own is escaped.
    public var flag: String {
        var fields = ["type=\(type)"]
        func add(_ key: String, _ value: String?) {
            guard let value else { return }
            var escaped = ""
            for character in value.unicodeScalars {
                if "\\$\"'".unicodeScalars.contains(character) { escaped += "\\" }
                escaped.unicodeScalars.append(character)
            }
            let field = "\(key)=\(escaped)"
            guard field.utf8.contains(where: { $0 == 0x2C || $0 == 0x22 }) else { return fields.append(field) }
            fields.append(
                "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"")
        }
        func add(_ access: Access) {
            add("uid", access.uid.map(String.init))
            add("gid", access.gid.map(String.init))
            add("mode", access.mode.map { "0" + String($0, radix: 8) })
        }
        switch self {
        case .bind(let mount):
            add("target", mount.target)
            add("source", mount.source.isEmpty ? nil : mount.source)
            add("from", mount.from)
            if mount.isWritable { fields.append("rw") }
        case .cache(let mount):
            add("target", mount.target)
            add("id", mount.id)
            add("sharing", mount.sharing == .shared ? nil : mount.sharing.rawValue)
            add("from", mount.from)
            add("source", mount.source.isEmpty ? nil : mount.source)
            add(mount.access)
            if mount.isReadOnly { fields.append("ro") }
        case .tmpfs(let mount):
            add("target", mount.target)
            add("size", mount.size.map(String.init))
        case .secret(let mount):
            add("id", mount.id)
            add("target", mount.target)
            add("env", mount.variable)
            add(mount.access)
            if mount.isRequired { fields.append("required") }
        case .ssh(let mount):
            add("id", mount.id)
            add("target", mount.target)
            add(mount.access)
            if mount.isRequired { fields.append("required") }
        }
        return fields.joined(separator: ",")
    }
}
