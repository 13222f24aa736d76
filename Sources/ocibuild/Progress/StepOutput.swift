/// The output of one step as lines, its two streams apart, and the last of them kept.
struct StepOutput: Sendable {
    /// How many lines are kept.
    static let keptLines = 20
    /// How much of each line is kept.
    static let keptBytes = 4096

    /// The last lines, oldest first.
    private(set) var recent: [[UInt8]] = []
    private var standard = LineSplitter()
    private var error = LineSplitter()

    /// The lines that `bytes` completes.
    mutating func feed(_ bytes: [UInt8], isError: Bool) -> [[UInt8]] {
        let lines = isError ? error.feed(bytes) : standard.feed(bytes)
        lines.forEach { keep($0) }
        return lines
    }

    /// The lines that were never ended.
    mutating func finish() -> [[UInt8]] {
        let lines = [standard.finish(), error.finish()].compactMap { $0 }
        lines.forEach { keep($0) }
        return lines
    }

    /// The last lines with those still being written, for a live view.
    var live: [[UInt8]] {
        recent + [standard.partial, error.partial].filter { !$0.isEmpty }
    }

    private mutating func keep(_ line: [UInt8]) {
        if recent.count == Self.keptLines { recent.removeFirst() }
        recent.append(line.count > Self.keptBytes ? Array(line.prefix(Self.keptBytes)) : line)
    }
}
