import BuildEngine
import FoundationEssentials
import Synchronization

/// Progress for programs: one JSON object a line.
///
/// Every object has `event` and `time` (seconds since the start). A step is referred to by the `id` that `planned`
/// gave it. Output comes as lines; bytes that are not UTF-8 are replaced.
final class JSONProgress: ProgressView {
    /// One line.
    struct Line: Encodable {
        var event: String
        var time = 0.0
        var steps: [Step]?
        var step: Int?
        var stream: String?
        var line: String?
        var seconds: Double?
        var message: String?
        var kind: String?
        var label: String?
        var completed: Int64?
        var total: Int64?
        var done: Bool?
        /// How a transfer ended without moving bytes: `mounted`, `present`.
        var end: String?
        var from: String?
        var size: Int64?
        var uncompressedSize: Int64?
        var status: Int32?
        var origin: String?
        var processorSeconds: Double?
        var peakMemory: Int64?
    }

    /// A step as `planned` announces it.
    struct Step: Encodable {
        let id: Int
        let stage: String
        let position: Int
        let count: Int
        let title: String
    }

    private let outputs = Mutex<[Int: StepOutput]>([:])
    private let clock: BuildClock
    private let emit: @Sendable (String) -> Void

    init(clock: BuildClock = .started(), emit: @escaping @Sendable (String) -> Void) {
        self.clock = clock
        self.emit = emit
    }

    func handle(_ event: BuildEvent) {
        outputs.withLock { outputs in
            for line in lines(for: event, &outputs) { write(line) }
        }
    }

    func failed(_ error: any Error) {
        let step = error as? StepError
        outputs.withLock { _ in
            write(
                Line(
                    event: "error", step: step?.step.id, message: "\(error)",
                    status: (step?.cause as? BuildFailure)?.status, origin: step?.origin))
        }
    }

    func close() {}

    private func lines(for event: BuildEvent, _ outputs: inout [Int: StepOutput]) -> [Line] {
        switch event {
        case .planned(let summaries):
            let steps = summaries.map {
                Step(id: $0.id, stage: $0.stage, position: $0.position, count: $0.count, title: $0.title)
            }
            return [Line(event: "planned", steps: steps)]
        case .stepStarted(let id):
            return [Line(event: "started", step: id)]
        case .stepCached(let id):
            return [Line(event: "cached", step: id)]
        case .stepCachedFrom(let id, let place):
            return [Line(event: "cached", step: id, from: place)]
        case .stepOutput(let id, let isError, let bytes):
            let lines = outputs[id, default: StepOutput()].feed(bytes, isError: isError)
            return lines.map { output(id, $0, isError: isError) }
        case .stepUsed(let id, let usage):
            return [
                Line(
                    event: "used", step: id,
                    processorSeconds: (usage.processorSeconds * 1000).rounded() / 1000, peakMemory: usage.peakMemory)
            ]
        case .stepFinished(let id, let seconds):
            return rest(of: id, &outputs) + [Line(event: "done", step: id, seconds: seconds)]
        case .stepFailed(let id, let message):
            return rest(of: id, &outputs) + [Line(event: "failed", step: id, message: message)]
        case .transfer(let progress):
            var line = Line(
                event: "transfer", kind: progress.kind.rawValue, label: progress.label,
                completed: progress.completed, total: progress.total, done: progress.done)
            switch progress.end {
            case .mounted(let source): (line.end, line.from) = ("mounted", source)
            case .present: line.end = "present"
            case .moved, nil: break
            }
            return [line]
        case .layerWritten(let id, let size, let uncompressed):
            return [Line(event: "layer", step: id, size: size, uncompressedSize: uncompressed)]
        case .isolation(let rung, let reason):
            return [Line(event: "isolation", message: reason, kind: rung)]
        case .note(let message):
            return [Line(event: "note", message: message)]
        case .warning(let message):
            return [Line(event: "warning", message: message)]
        case .finished:
            return [Line(event: "finished")]
        }
    }

    private func rest(of id: Int, _ outputs: inout [Int: StepOutput]) -> [Line] {
        var output = outputs.removeValue(forKey: id)
        return (output?.finish() ?? []).map { self.output(id, $0, isError: false) }
    }

    private func output(_ id: Int, _ line: [UInt8], isError: Bool) -> Line {
        Line(
            event: "output", step: id, stream: isError ? "stderr" : "stdout",
            line: String(decoding: line, as: UTF8.self))
    }

    private func write(_ line: Line) {
        var line = line
        line.time = (clock.now() * 1000).rounded() / 1000
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(line) else { return }
        emit(String(decoding: data, as: UTF8.self) + "\n")
    }
}
