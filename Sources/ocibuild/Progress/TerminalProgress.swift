import BuildEngine
import Glibc
import LinuxSystem
import Synchronization

/// A live view: what is over scrolls away above, what goes on is redrawn in place below, ten times a second at most,
/// by a thread of its own. Events only change the model; however many come, none waits for the terminal.
final class TerminalProgress: ProgressView {
    /// Makes the cursor visible again.
    static let showCursor = "\u{1B}[?25h"
    private static let hideCursor = "\u{1B}[?25l"
    /// Milliseconds between two drawings.
    private static let interval: CInt = 100

    private struct State {
        var model = ProgressModel()
        var drawn = 0
        var isHidden = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let clock: BuildClock
    private let style: Style
    private let size: @Sendable () -> (columns: Int, rows: Int)
    private let emit: @Sendable (String) -> Void
    /// Closing it wakes the drawing thread for good.
    private let alarm = Mutex<CInt>(-1)

    /// - Parameters:
    ///   - size: The terminal's columns and rows, asked before each drawing.
    ///   - emit: Writes to the terminal.
    init(
        clock: BuildClock = .started(), style: Style, size: @escaping @Sendable () -> (columns: Int, rows: Int),
        emit: @escaping @Sendable (String) -> Void
    ) {
        self.clock = clock
        self.style = style
        self.size = size
        self.emit = emit
    }

    /// Starts the drawing thread.
    func start() {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        let read = ends[0]
        let write = ends[1]
        alarm.withLock { $0 = write }
        Thread.start { [weak self] in
            var wait = pollfd(fd: read, events: Int16(POLLIN), revents: 0)
            while poll(&wait, 1, Self.interval) == 0, let self { self.draw() }
            Glibc.close(read)
        }
    }

    func handle(_ event: BuildEvent) {
        state.withLock { $0.model.apply(event, at: clock.now()) }
    }

    /// Draws once, as things stand.
    func draw() {
        state.withLock { state in
            guard !state.isClosed else { return }
            emit(frame(&state, isLast: false))
        }
    }

    func close() {
        alarm.withLock { descriptor in
            if descriptor >= 0 { Glibc.close(descriptor) }
            descriptor = -1
        }
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            emit(frame(&state, isLast: true))
        }
    }

    private func frame(_ state: inout State, isLast: Bool) -> String {
        let (columns, rows) = size()
        let layout = LiveFrame(columns: columns, rows: rows, style: style)
        let settled = layout.lines(of: state.model.takeSettled(), in: state.model)
        let live = isLast ? [] : layout.live(state.model, now: clock.now())
        var text = ""
        if !live.isEmpty, !state.isHidden {
            text += Self.hideCursor
            state.isHidden = true
        }
        // After a line break the cursor stands below the last line drawn.
        if state.drawn > 0 { text += "\r\u{1B}[\(state.drawn)A" }
        if state.drawn > 0 { text += "\u{1B}[J" }
        for line in settled + live { text += line + "\n" }
        state.drawn = live.count
        if isLast, state.isHidden {
            text += Self.showCursor
            state.isHidden = false
        }
        return text
    }
}
