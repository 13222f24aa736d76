/// What a build tells of itself while it works.
enum BuildEvent: Sendable {
    case planned([StepSummary])
    case stepStarted(Int)
    case stepCached(Int)
    case stepOutput(Int, isError: Bool, [UInt8])
    case stepFinished(Int, seconds: Double)
    case stepFailed(Int, message: String)
    case transfer(TransferProgress)
    case layerWritten(step: Int, size: Int64, uncompressed: Int64)
    case warning(String)
    case finished
}

/// One step of a build, for showing.
struct StepSummary: Sendable {
    let id: Int
    let stage: String
    let position: Int
    let count: Int
    let title: String
}

/// How far the transfer of one blob is.
struct TransferProgress: Sendable {
    enum Kind: String, Sendable { case pull, push, unpack }
    let kind: Kind
    let label: String
    let completed: Int64
    let total: Int64
    let done: Bool
}
