/// What a RUN step may use at most. None of it is part of the step's key, nor of the image.
public struct StepLimits: Hashable, Sendable {
    /// Bytes of memory that all processes of a step have together.
    public var memory: Int64?
    /// Bytes of memory and swap together; negative for no limit of swap, nil for twice ``memory``, as docker has it.
    public var memoryAndSwap: Int64?
    /// How many processes and threads a step has at one time; nil for more than any real build
    /// starts (half of what the machine has, 32,768 at most), 0 or less for no limit.
    public var processes: Int?
    /// How many processors' time a step gets, such as 1.5.
    public var processors: Double?
    /// Microseconds within which ``processors`` is kept; nil for 100,000.
    public var processorPeriod: Int?
    /// The weight of a step against other control groups, 2 to 262,144; 1024 is what a group has by default.
    public var processorShares: Int?
    /// The processors that a step runs on, as `0-2,5`.
    public var processorSet: String?
    /// Limits for each process.
    public var resources: [ResourceLimit] = []
    /// Bytes that `/dev/shm` holds; nil for 64 MiB.
    public var sharedMemory: Int64?
    /// How long a step may take; nil for as long as it likes.
    public var timeout: Duration?

    /// No limits but the one of ``processes``.
    public init() {}

    /// The numbers of a list such as `0-2,5`; nil where it is none, or names a processor above 65535.
    static func processors(in list: String) -> Set<Int>? {
        var numbers: Set<Int> = []
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends.last ?? nil,
                first >= 0, first <= last, last < 65536
            else { return nil }
            numbers.formUnion(first...last)
        }
        return numbers
    }

    /// Whether ``processorSet``, where there is one, is a list of processors.
    public var hasValidProcessorSet: Bool { processorSet.map { Self.processors(in: $0) != nil } ?? true }
}

extension StepLimits {
    /// How many processes and threads a step has at most where ``processes`` does not say: more than any real build
    /// starts, and few enough that a fork bomb leaves the machine `total` of them, half at least, to others.
    static func defaultProcesses(of total: Int) -> Int { max(1024, min(32768, total / 2)) }
}
