import BuildEngine

/// Lays the state of a build out as lines of a terminal.
struct LiveFrame {
    let columns: Int
    let rows: Int
    let style: Style

    /// How many of a running step's last lines are shown at most.
    static let tailLines = 6
    /// How many transfers are shown at most.
    static let shownTransfers = 6

    /// The lines of what is over: they scroll away above the live part.
    func lines(of settled: [ProgressModel.Settled], in model: ProgressModel) -> [String] {
        settled.flatMap { item -> [String] in
            switch item {
            case .step(let id): return model.steps[id].map { [line(of: $0)] } ?? []
            case .transfer(let progress):
                let label = TerminalText.escape(progress.label)
                let left = "\(style.green(style.doneMark)) \(progress.kind.rawValue) \(label)"
                return [spread(left, Measure.size(progress.completed))]
            case .note(let message):
                return TerminalText.escapeLines(message).split(separator: "\n").map(String.init)
            case .warning(let message):
                let lines = TerminalText.escapeLines(message).split(separator: "\n", omittingEmptySubsequences: false)
                return [style.yellow("warning:") + " " + (lines.first ?? "")] + lines.dropFirst().map { "  " + $0 }
            }
        }
    }

    /// The lines that are drawn anew each time: never more than the terminal has.
    func live(_ model: ProgressModel, now: Double) -> [String] {
        let running = model.running
        let transfers = model.transfers
        guard !running.isEmpty || !transfers.isEmpty || model.settledCount < model.order.count else { return [] }
        let budget = max(2, rows - 1)
        var lines: [String] = []
        if !model.order.isEmpty {
            let count = "\(model.settledCount)/\(model.order.count) steps"
            lines.append(style.dim(TextWidth.clip("  \(count), \(Measure.duration(now))", to: columns)))
        }
        let shown = min(transfers.count, Self.shownTransfers, max(1, budget / 3))
        let fixed = lines.count + running.count + (transfers.isEmpty ? 0 : shown + (transfers.count > shown ? 1 : 0))
        let tail = running.isEmpty ? 0 : min(Self.tailLines, max(0, (budget - fixed) / running.count))
        for step in running {
            guard case .running(let since) = step.state else { continue }
            let heading = "\(style.cyan(style.runningMark)) \(step.summary.heading)"
            lines.append(spread(heading, Measure.duration(now - since)))
            for line in step.output.live.suffix(tail) {
                let text = TerminalText.escape(TerminalText.expandTabs(line))
                lines.append(
                    style.dim(TextWidth.clip("    \(style.gutter) \(text)", to: columns, ellipsis: style.ellipsis)))
            }
        }
        lines += transfers.prefix(shown).map { line(of: $0) }
        if transfers.count > shown { lines.append(style.dim("    and \(transfers.count - shown) more")) }
        return Array(lines.prefix(budget))
    }

    private func line(of step: ProgressModel.Step) -> String {
        let heading = step.summary.heading
        switch step.state {
        case .cached(let place):
            let origin = place.map { " from \(TerminalText.escape($0))" } ?? ""
            return spread("\(style.green(style.doneMark)) \(heading)", style.cyan("CACHED\(origin)"))
        // Why is said at length when the view is closed.
        case .failed: return spread("\(style.red(style.failedMark)) \(heading)", style.red("FAILED"))
        case .done(let seconds): return spread("\(style.green(style.doneMark)) \(heading)", Measure.duration(seconds))
        case .waiting, .running: return heading
        }
    }

    private func line(of progress: TransferProgress) -> String {
        let label = TextWidth.clip(TerminalText.escape(progress.label), to: 24, ellipsis: style.ellipsis)
        let left = "    \(TextWidth.pad(progress.kind.rawValue, to: 6)) \(TextWidth.pad(label, to: 14))"
        let amounts =
            progress.total > 0
            ? "\(Measure.size(progress.completed)) / \(Measure.size(progress.total))" : Measure.size(progress.completed)
        let room = columns - TextWidth.columns(left) - 24
        let bar =
            progress.total > 0 && room >= 6
            ? " " + style.bar(completed: progress.completed, total: progress.total, width: min(30, room)) : ""
        return TextWidth.clip("\(left)\(bar) \(amounts)", to: columns, ellipsis: style.ellipsis)
    }

    /// `left` at the left, `right` at the right edge (but not far away on a wide terminal).
    private func spread(_ left: String, _ right: String) -> String {
        let width = min(columns, 120)
        let right = TextWidth.clip(right, to: max(8, width / 2), ellipsis: style.ellipsis)
        let room = max(0, width - TextWidth.columns(right) - 1)
        return TextWidth.pad(TextWidth.clip(left, to: room, ellipsis: style.ellipsis), to: room) + " " + right
    }
}
