extension RunMount {
    /// Owner and permission bits of what is mounted; each nil where the default holds.
    public struct Access: Hashable, Sendable {
        /// User id.
        public var uid: UInt32?
        /// Group id.
        public var gid: UInt32?
        /// Permission bits, at most 0o7777.
        public var mode: UInt16?

        /// The defaults, unless told.
        public init(uid: UInt32? = nil, gid: UInt32? = nil, mode: UInt16? = nil) {
            self.uid = uid
            self.gid = gid
            self.mode = mode
        }
    }

    /// Files of the build context, of another stage or of an image.
    public struct Bind: Hashable, Sendable {
        /// Where they are seen; a relative path counts from the working directory.
        public var target: String
        /// A file or directory of the context, stage or image; empty for all of it. No wildcards.
        public var source: String
        /// A stage, by name or number, or an image; nil for the build context.
        public var from: String?
        /// Whether the step may write there. What it writes is discarded when it ends.
        public var isWritable: Bool

        /// All of the build context, read-only, unless told.
        public init(target: String, source: String = "", from: String? = nil, isWritable: Bool = false) {
            self.target = target
            self.source = source
            self.from = from
            self.isWritable = isWritable
        }
    }

    /// How several steps at once use one cache.
    public enum Sharing: String, Hashable, Sendable, CaseIterable {
        /// All at once.
        case shared
        /// Each has one of its own.
        case `private`
        /// One after another.
        case locked
    }

    /// A directory that outlives the build, kept in the builder's store.
    public struct Cache: Hashable, Sendable {
        /// Where it is seen; a relative path counts from the working directory.
        public var target: String
        /// Steps that name the same id have the same cache; nil for the target.
        public var id: String?
        /// How several steps at once use it.
        public var sharing: Sharing
        /// A stage or image that a new cache is filled from; nil leaves it empty.
        public var from: String?
        /// The directory of `from` that fills it; empty for all.
        public var source: String
        /// Owner and mode of a new, empty cache: root and 0755 unless told.
        public var access: Access
        /// Whether the step may only read it.
        public var isReadOnly: Bool

        /// An empty, shared cache named by its target, unless told.
        public init(
            target: String, id: String? = nil, sharing: Sharing = .shared, from: String? = nil, source: String = "",
            access: Access = Access(), isReadOnly: Bool = false
        ) {
            self.target = target
            self.id = id
            self.sharing = sharing
            self.from = from
            self.source = source
            self.access = access
            self.isReadOnly = isReadOnly
        }
    }

    /// An empty directory in memory.
    public struct Tmpfs: Hashable, Sendable {
        /// Where it is seen; a relative path counts from the working directory.
        public var target: String
        /// The most that it may hold, in bytes; nil for what the kernel allows, half of the memory.
        public var size: Int64?

        /// A directory without a limit of its own, unless told.
        public init(target: String, size: Int64? = nil) {
            self.target = target
            self.size = size
        }
    }

    /// A secret of the build's caller. Its value is in no layer, history, cache key or message.
    public struct Secret: Hashable, Sendable {
        /// The name that the caller gave it by.
        public var id: String
        /// The file that holds it; nil where it is a variable only.
        public var target: String?
        /// The environment variable that holds it; nil where it is a file only.
        public var variable: String?
        /// Whether the step cannot do without it. Otherwise it runs without when the caller gave none.
        public var isRequired: Bool
        /// Owner and mode of the file: root and 0400 unless told.
        public var access: Access

        /// A file `/run/secrets/<id>`, unless a target or a variable is given.
        public init(
            id: String, target: String? = nil, variable: String? = nil, isRequired: Bool = false,
            access: Access = Access()
        ) {
            self.id = id
            self.target =
                target
                ?? (variable == nil ? "/run/secrets/\(id.split(separator: "/").last.map(String.init) ?? id)" : nil)
            self.variable = variable
            self.isRequired = isRequired
            self.access = access
        }
    }

    /// The socket of an SSH agent of the build's caller, which `SSH_AUTH_SOCK` names during the step.
    public struct SSH: Hashable, Sendable {
        /// The name that the caller gave the agent by.
        public var id: String
        /// Where the socket is; nil for `/run/buildkit/ssh_agent.N`.
        public var target: String?
        /// Whether the step cannot do without it. Otherwise it runs without when the caller gave none.
        public var isRequired: Bool
        /// Owner and mode of the socket: root and 0600 unless told.
        public var access: Access

        /// The default agent, at the usual place, unless told.
        public init(
            id: String = "default", target: String? = nil, isRequired: Bool = false, access: Access = Access()
        ) {
            self.id = id
            self.target = target
            self.isRequired = isRequired
            self.access = access
        }
    }
}
