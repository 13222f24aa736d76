import OCIBuild
import Testing

@testable import ocibuild

@Suite("Progress on a terminal")
struct TerminalProgressTests {
    private let text = RecordedText()
    private let time = TestClock()

    private func view(columns: Int = 60, rows: Int = 24) -> TerminalProgress {
        TerminalProgress(
            clock: time.clock, style: .plain, size: { (columns: columns, rows: rows) }, emit: text.emit)
    }

    @Test func finishedStepsScrollAwayAndRunningOnesAreRedrawn() {
        let view = view(columns: 50)
        view.handle(samplePlan)
        view.handle(.stepCached(10))
        view.handle(.stepStarted(11))
        time.advance(by: 2)
        view.handle(.stepOutput(11, isError: false, Array("Get:1 \u{1B}[2Jdeb\nhalf".utf8)))
        view.draw()
        #expect(
            text.take() == "\u{1B}[?25l" + """
                + [base 1/2] FROM debian:12                 CACHED
                  1/3 steps, 2.0s
                > [base 2/2] RUN apt-get update               2.0s
                    | Get:1 \\x1b[2Jdeb
                    | half

                """)
        time.advance(by: 1)
        view.handle(.stepFinished(11, seconds: 3))
        view.handle(.stepStarted(12))
        view.draw()
        #expect(
            text.take() == "\r\u{1B}[4A\u{1B}[J" + """
                + [base 2/2] RUN apt-get update               3.0s
                  2/3 steps, 3.0s
                > [build 1/1] COPY . /app                     0.0s

                """)
        view.handle(.stepFailed(12, message: "exit status 1"))
        view.close()
        #expect(
            text.take() == "\r\u{1B}[2A\u{1B}[J" + """
                x [build 1/1] COPY . /app                   FAILED

                """ + "\u{1B}[?25h")
        view.close()
        view.draw()
        #expect(text.all == "", "a closed view writes nothing")
    }

    @Test func linesNeverWrapAndTheFrameNeverScrolls() {
        var model = ProgressModel()
        let steps = (0..<12).map {
            StepSummary(id: $0, stage: "s\($0)", position: 1, count: 1, title: String(repeating: "x", count: 200))
        }
        model.apply(.planned(steps), at: 0)
        for id in 0..<12 {
            model.apply(.stepStarted(id), at: 0)
            for _ in 0..<30 {
                model.apply(
                    .stepOutput(id, isError: false, Array((String(repeating: "日", count: 90) + "\n").utf8)), at: 0)
            }
        }
        for number in 0..<30 {
            model.apply(
                .transfer(
                    TransferProgress(
                        kind: .pull, label: "sha256:\(number)", completed: 1, total: .max, done: false)), at: 0)
        }
        for (columns, rows) in [(80, 24), (40, 10), (20, 3), (200, 60)] {
            let lines = LiveFrame(columns: columns, rows: rows, style: .plain).live(model, now: 100)
            #expect(lines.count < rows)
            #expect(lines.allSatisfy { TextWidth.columns($0) <= columns }, "\(columns) columns")
        }
    }

    @Test func transfersHaveBars() {
        var model = ProgressModel()
        model.apply(
            .transfer(
                TransferProgress(
                    kind: .pull, label: "3f2ab1c09d2e", completed: 5_000_000, total: 10_000_000, done: false)), at: 0)
        model.apply(
            .transfer(TransferProgress(kind: .push, label: "x", completed: 300, total: 0, done: false)), at: 0)
        let frame = LiveFrame(columns: 70, rows: 24, style: .plain)
        #expect(
            frame.live(model, now: 0) == [
                "    pull   3f2ab1c09d2e   ==========----------- 5.0 MB / 10.0 MB",
                "    push   x              300 B",
            ])
        model.apply(
            .transfer(TransferProgress(kind: .push, label: "x", completed: 900, total: 900, done: true)), at: 0)
        #expect(frame.lines(of: model.takeSettled(), in: model).count == 1, "without steps, transfers are the story")
        #expect(frame.live(model, now: 0).count == 1)
    }

    @Test func theThreadDrawsByItself() async throws {
        let view = view()
        view.start()
        view.handle(samplePlan)
        view.handle(.stepStarted(10))
        let deadline = ContinuousClock.now + .seconds(60)
        while !text.all.contains("FROM debian:12"), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        view.close()
        #expect(text.all.contains("FROM debian:12"))
        #expect(text.all.hasSuffix("\u{1B}[?25h"), "the cursor is visible again")
    }
}
