/// What a build reports while it runs, in order.
public enum BuildEvent: Sendable {
    /// The steps that the target needs, before the first of them starts.
    case planned([StepSummary])
    /// The step with this ``StepSummary/id`` began to run.
    case stepStarted(Int)
    /// The step's result was found in the cache.
    case stepCached(Int)
    /// The step's result was found in a cache that is shared with other machines, at this place.
    case stepCachedFrom(Int, place: String)
    /// Bytes that the step's command wrote.
    case stepOutput(Int, isError: Bool, [UInt8])
    /// The step's command ended, well or not, having used so much.
    case stepUsed(Int, StepUsage)
    /// The step ended well after so many seconds; its layer may still be being written.
    case stepFinished(Int, seconds: Double)
    /// The step failed, in one line.
    case stepFailed(Int, message: String)
    /// A layer of so many compressed and uncompressed bytes is in the store.
    case layerWritten(step: Int, size: Int64, uncompressed: Int64)
    /// Bytes moved between a registry and the store, or out of an archive.
    case transfer(TransferProgress)
    /// The sandbox that the build's commands run in, a rung of the ladder, and why it is this one; before the first of
    /// them starts.
    case isolation(String, reason: String)
    /// Something that was done as it was asked for, and that is worth to be seen.
    case note(String)
    /// Something that the author of the build should know.
    case warning(String)
    /// The image is complete and in the store.
    case finished
}

/// One step of a build, for people.
public struct StepSummary: Sendable, Hashable {
    /// Names the step in events.
    public let id: Int
    /// The stage's name, or its number.
    public let stage: String
    /// Counts from 1 within the stage.
    public let position: Int
    /// How many steps the stage has.
    public let count: Int
    /// The step as its author wrote it, on one line.
    public let title: String

    /// A step's description.
    public init(id: Int, stage: String, position: Int, count: Int, title: String) {
        self.id = id
        self.stage = stage
        self.position = position
        self.count = count
        self.title = title
    }
}

/// What the command of a step has used.
public struct StepUsage: Sendable, Hashable {
    /// Seconds that its processes kept a processor busy.
    public let processorSeconds: Double
    /// The most memory that they had together at one time, in bytes; known where a control group limits it.
    public let peakMemory: Int64?

    /// Such a use.
    public init(processorSeconds: Double, peakMemory: Int64?) {
        self.processorSeconds = processorSeconds
        self.peakMemory = peakMemory
    }
}

/// How far a transfer is.
public struct TransferProgress: Sendable, Hashable {
    /// Which way the bytes go.
    public enum Kind: String, Sendable {
        /// From a registry to the store.
        case pull
        /// From the store to a registry or a file.
        case push
        /// From a layer to a file tree.
        case unpack
    }

    /// Which way the bytes go.
    public let kind: Kind
    /// What is moved: the start of a digest, or a name.
    public let label: String
    /// Bytes done.
    public let completed: Int64
    /// Bytes in all.
    public let total: Int64
    /// How the transfer ended; nil while it goes on.
    public let end: End?
    /// True in the last report of this transfer.
    public var done: Bool { end != nil }

    /// How a transfer ended.
    public enum End: Sendable, Hashable {
        /// The bytes were moved.
        case moved
        /// The registry took them from this other repository of its own.
        case mounted(from: String)
        /// They were there already.
        case present
    }

    /// A state of a transfer.
    public init(kind: Kind, label: String, completed: Int64, total: Int64, done: Bool) {
        self.init(kind: kind, label: label, completed: completed, total: total, end: done ? .moved : nil)
    }

    /// A state of a transfer, or how it ended.
    public init(kind: Kind, label: String, completed: Int64, total: Int64, end: End?) {
        self.kind = kind
        self.label = label
        self.completed = completed
        self.total = total
        self.end = end
    }
}
