/// What a RUN step has mounted while its command runs; nothing of it stays in the image.
public struct MountAction: Sendable, Hashable {
    /// What is mounted.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Files of the build context, of another definition, or of an image.
        case bind
        /// A folder that outlives the build, for a package manager's downloads.
        case cache
        /// A folder in memory.
        case tmpfs
        /// A secret that the build was given.
        case secret
        /// The agent's socket that the build was given.
        case ssh
    }

    /// What is mounted.
    public var kind: Kind
    /// Where; a secret without one lies in `/run/secrets`.
    public var target: StepText?
    /// The path within the context or `from`.
    public var source: StepText?
    /// Another definition or image to mount from.
    public var from: StepOrigin?
    /// The name of a cache, secret or socket.
    public var id: StepText?
    /// Whether it may be written to; nil for the usual of its kind.
    public var isReadOnly: Bool?
    /// How builds share a cache: `shared`, `private` or `locked`.
    public var sharing: String?
    /// The owner's number.
    public var uid: Int?
    /// The group's number.
    public var gid: Int?
    /// The mode, in octal digits.
    public var mode: String?
    /// The size of a folder in memory, such as `64m`.
    public var size: String?
    /// Whether a missing secret or socket is an error.
    public var isRequired: Bool?
    /// The variable that holds a secret.
    public var variable: String?

    /// A mount of that kind.
    public init(_ kind: Kind, target: StepText? = nil) {
        self.kind = kind
        self.target = target
    }

    /// A folder that outlives the build.
    public static func cache(_ target: StepText, id: StepText? = nil, sharing: String? = nil) -> MountAction {
        var mount = MountAction(.cache, target: target)
        mount.id = id
        mount.sharing = sharing
        return mount
    }

    /// Files of the context, or of another image.
    public static func bind(_ source: StepText, at target: StepText, from: StepOrigin? = nil) -> MountAction {
        var mount = MountAction(.bind, target: target)
        mount.source = source
        mount.from = from
        return mount
    }

    /// A folder in memory.
    public static func tmpfs(_ target: StepText, size: String? = nil) -> MountAction {
        var mount = MountAction(.tmpfs, target: target)
        mount.size = size
        return mount
    }

    /// A secret that the build was given, as a file, or as a variable.
    public static func secret(_ id: StepText, at target: StepText? = nil, variable: String? = nil) -> MountAction {
        var mount = MountAction(.secret, target: target)
        mount.id = id
        mount.variable = variable
        return mount
    }

    /// The agent's socket that the build was given.
    public static func ssh(_ id: StepText? = nil) -> MountAction {
        var mount = MountAction(.ssh)
        mount.id = id
        return mount
    }
}
