import OCISpec

/// What a stage, or a copy, takes its files from, after expansion.
enum StageOrigin: Sendable, Hashable {
    case scratch
    /// Another stage of the file, by position.
    case stage(Int)
    /// An image.
    case image(BaseRequest)
}
