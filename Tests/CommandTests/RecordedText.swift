import OCIBuild
import Synchronization

@testable import ocibuild

/// Collects what a view would write.
final class RecordedText: Sendable {
    private let text = Mutex("")

    var all: String { text.withLock { $0 } }
    var lines: [String] { all.split(separator: "\n").map(String.init) }

    /// What was written since the last call.
    func take() -> String {
        text.withLock { text in
            defer { text = "" }
            return text
        }
    }

    var emit: @Sendable (String) -> Void {
        { [self] added in text.withLock { $0 += added } }
    }
}

/// A clock that a test moves.
final class TestClock: Sendable {
    private let time = Mutex(0.0)

    var clock: BuildClock { BuildClock { [self] in time.withLock { $0 } } }

    func advance(by seconds: Double) {
        time.withLock { $0 += seconds }
    }
}

/// A plan of two stages.
let samplePlan = BuildEvent.planned([
    StepSummary(id: 10, stage: "base", position: 1, count: 2, title: "FROM debian:12"),
    StepSummary(id: 11, stage: "base", position: 2, count: 2, title: "RUN apt-get update"),
    StepSummary(id: 12, stage: "build", position: 1, count: 1, title: "COPY . /app"),
])
