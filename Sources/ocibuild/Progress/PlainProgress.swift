import BuildEngine
import Synchronization

/// Progress as lines, for logs: each begins with the number of its step, so that parallel stages can be told apart,
/// and nothing a step prints is left out.
final class PlainProgress: ProgressView {
    /// How often a transfer that goes on is mentioned, in seconds.
    static let transferInterval = 5.0

    private struct Step {
        let number: Int
        let summary: StepSummary
        var started = 0.0
        var output = StepOutput()
    }

    private struct State {
        var steps: [Int: Step] = [:]
        var transfers: [String: Double] = [:]
        var openGroup: Int?
        var seenGroups: Set<Int> = []
    }

    private let state = Mutex(State())
    private let clock: BuildClock
    private let style: Style
    private let groups: Bool
    private let emit: @Sendable (String) -> Void

    /// - Parameters:
    ///   - groups: Whether to fold each step into a group of a GitHub Actions log.
    ///   - emit: Takes the text of whole lines, line breaks included.
    init(
        clock: BuildClock = .started(), style: Style = .plain, groups: Bool = false,
        emit: @escaping @Sendable (String) -> Void
    ) {
        self.clock = clock
        self.style = style
        self.groups = groups
        self.emit = emit
    }

    func handle(_ event: BuildEvent) {
        state.withLock { state in
            let lines = lines(for: event, &state)
            if !lines.isEmpty { emit(lines.map { $0 + "\n" }.joined()) }
        }
    }

    func close() {
        state.withLock { state in
            if state.openGroup != nil { emit("::endgroup::\n") }
            state.openGroup = nil
        }
    }

    private func lines(for event: BuildEvent, _ state: inout State) -> [String] {
        switch event {
        case .planned(let summaries):
            for summary in summaries where state.steps[summary.id] == nil {
                state.steps[summary.id] = Step(number: state.steps.count + 1, summary: summary)
            }
            return []
        case .stepStarted(let id):
            state.steps[id]?.started = clock.now()
            return stepLines(id, ["\(style.bold(state.steps[id]?.summary.heading ?? ""))"], &state)
        case .stepCached(let id):
            return cachedLines(id, "CACHED", &state)
        case .stepCachedFrom(let id, let place):
            return cachedLines(id, "CACHED from \(TerminalText.escape(place))", &state)
        case .stepOutput(let id, let isError, let bytes):
            let lines = state.steps[id]?.output.feed(bytes, isError: isError) ?? []
            return outputLines(id, lines, &state)
        case .stepFinished(let id, let seconds):
            let rest = state.steps[id]?.output.finish() ?? []
            return outputLines(id, rest, &state)
                + stepLines(id, [style.green("DONE") + " " + Measure.duration(seconds)], &state)
                + closeGroup(of: id, &state)
        case .stepFailed(let id, let message):
            let rest = state.steps[id]?.output.finish() ?? []
            return outputLines(id, rest, &state)
                + stepLines(id, [style.red("ERROR") + " " + TerminalText.escape(message)], &state)
                + closeGroup(of: id, &state)
        case .transfer(let progress):
            return transferLine(progress, &state)
        case .layerWritten(let id, let size, let uncompressed):
            // Layers are written behind the steps; no group is opened anew for this one line.
            guard let step = state.steps[id] else { return [] }
            return ["#\(step.number) layer \(Measure.size(size)) (\(Measure.size(uncompressed)) unpacked)"]
        case .isolation(let rung, let reason):
            return [TerminalText.escapeLines("RUN uses the \"\(rung)\" sandbox (\(reason))")]
        case .stepUsed, .finished:
            return []
        case .note(let message):
            return [TerminalText.escapeLines(message)]
        case .warning(let message):
            let text = TerminalText.escapeLines(message)
            return groups ? ["::warning::" + workflowData(message)] : [style.yellow("warning:") + " " + text]
        }
    }

    private func cachedLines(_ id: Int, _ words: String, _ state: inout State) -> [String] {
        let heading = state.steps[id]?.summary.heading ?? ""
        return stepLines(id, [style.bold(heading), style.cyan(words)], &state) + closeGroup(of: id, &state)
    }

    private func outputLines(_ id: Int, _ lines: [[UInt8]], _ state: inout State) -> [String] {
        guard let step = state.steps[id], !lines.isEmpty else { return [] }
        let time = Measure.decimal(clock.now() - step.started, digits: 2)
        return stepLines(
            id,
            lines.map { line in
                let text = TerminalText.escape(TerminalText.expandTabs(line), keepColors: style.usesColor)
                // Closes what colour the step left open.
                return "\(time) \(text)\(text.contains("\u{1B}") ? "\u{1B}[0m" : "")"
            }, &state)
    }

    private func stepLines(_ id: Int, _ lines: [String], _ state: inout State) -> [String] {
        guard let step = state.steps[id], !lines.isEmpty else { return [] }
        var result: [String] = []
        if groups, state.openGroup != id {
            // The log has one group open at a time: a step that runs beside another takes it over.
            if state.openGroup != nil { result.append("::endgroup::") }
            let again = state.seenGroups.insert(id).inserted ? "" : " (continued)"
            result.append("::group::#\(step.number) \(step.summary.heading)\(again)")
            state.openGroup = id
        }
        return result + lines.map { defused("#\(step.number) \($0)") }
    }

    private func closeGroup(of id: Int, _ state: inout State) -> [String] {
        guard state.openGroup == id else { return [] }
        state.openGroup = nil
        return ["::endgroup::"]
    }

    private func transferLine(_ progress: TransferProgress, _ state: inout State) -> [String] {
        let label = TerminalText.escape(progress.label)
        let key = "\(progress.kind.rawValue) \(label)"
        let now = clock.now()
        if progress.done {
            state.transfers[key] = nil
            return ["\(key) \(Measure.size(progress.completed)) \(TerminalText.escape(Self.words(progress.end)))"]
        }
        guard let last = state.transfers[key] else {
            state.transfers[key] = now
            return []
        }
        guard now - last >= Self.transferInterval else { return [] }
        state.transfers[key] = now
        let total = progress.total > 0 ? " of \(Measure.size(progress.total))" : ""
        return ["\(key) \(Measure.size(progress.completed))\(total)"]
    }

    private static func words(_ end: TransferProgress.End?) -> String {
        switch end {
        case .mounted(let source): "mounted from \(source)"
        case .present: "there already"
        case .moved, nil: "done"
        }
    }

    /// GitHub's runner obeys `##[command]` anywhere in a line; a step's output must not command it.
    private func defused(_ line: String) -> String {
        groups ? line.split(separator: "##[", omittingEmptySubsequences: false).joined(separator: "# #[") : line
    }

    /// A workflow command is one line: `%`, carriage returns and line breaks are written as GitHub reads them.
    private func workflowData(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%": result += "%25"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result.split(separator: "%0A", omittingEmptySubsequences: false)
            .map { TerminalText.escape(String($0)) }.joined(separator: "%0A")
    }
}
