/// What one subject needed for one piece of work.
struct Measurement: Codable {
    /// The suite's name.
    let suite: String
    /// What was worked on, in words.
    let workload: String
    /// The part of the work, where it has parts.
    var phase: String?
    /// Who did it.
    let subject: String
    let rounds: Int
    let seconds: Spread
    let processorSeconds: Spread
    /// Largest of all rounds; see ``Sample``.
    var peakMemory: Int64?
    /// Medians of the rounds; see ``Sample``.
    var bytesRead: Int64?
    var bytesWritten: Int64?
    var bytesSent: Int64?
    var bytesReceived: Int64?
    /// Bytes that were worked through, or the number of things, where that is the point.
    var inputSize: Int64?
    var items: Int64?
    var outputSize: Int64?
    /// Of `seconds`, those that writing the layers took, where the subject says so.
    var exportSeconds: Spread?

    init(suite: String, workload: String, phase: String? = nil, subject: String, samples: [Sample]) {
        self.suite = suite
        self.workload = workload
        self.phase = phase
        self.subject = subject
        rounds = samples.count
        seconds = Spread(samples.map(\.seconds))
        processorSeconds = Spread(samples.map(\.processorSeconds))
        peakMemory = samples.compactMap(\.peakMemory).max()
        func middle(_ values: [Int64]) -> Int64? {
            values.isEmpty ? nil : Int64(Spread(values.map { Double($0) }).median)
        }
        bytesRead = middle(samples.compactMap(\.bytesRead))
        bytesWritten = middle(samples.compactMap(\.bytesWritten))
        bytesSent = middle(samples.compactMap(\.bytesSent))
        bytesReceived = middle(samples.compactMap(\.bytesReceived))
        let exports = samples.compactMap(\.exportSeconds)
        exportSeconds = exports.isEmpty ? nil : Spread(exports)
    }
}
