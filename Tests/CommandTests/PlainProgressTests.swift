import OCIBuild
import Testing

@testable import ocibuild

@Suite("Progress as lines")
struct PlainProgressTests {
    @Test func aBuild() {
        let text = RecordedText()
        let time = TestClock()
        let view = PlainProgress(clock: time.clock, emit: text.emit)
        view.handle(samplePlan)
        view.handle(.stepCached(10))
        view.handle(.stepStarted(11))
        time.advance(by: 0.42)
        view.handle(.stepOutput(11, isError: false, Array("Get:1 http://deb\nGet:".utf8)))
        view.handle(.stepStarted(12))
        time.advance(by: 0.08)
        view.handle(.stepOutput(11, isError: true, Array("warn\u{1B}[2J\n".utf8)))
        view.handle(.stepOutput(11, isError: false, Array("2 more".utf8)))
        view.handle(.stepFinished(11, seconds: 1.234))
        view.handle(.stepFailed(12, message: "exit status 3"))
        view.handle(.layerWritten(step: 11, size: 1_000_000, uncompressed: 2_500_000))
        view.handle(.warning("careful"))
        view.handle(.finished)
        view.close()
        #expect(
            text.lines == [
                "#1 [base 1/2] FROM debian:12",
                "#1 CACHED",
                "#2 [base 2/2] RUN apt-get update",
                "#2 0.42 Get:1 http://deb",
                "#3 [build 1/1] COPY . /app",
                "#2 0.50 warn\\x1b[2J",
                "#2 0.50 Get:2 more",
                "#2 DONE 1.2s",
                "#3 ERROR exit status 3",
                "#2 layer 1.0 MB (2.5 MB unpacked)",
                "warning: careful",
            ])
    }

    @Test func groupsOfGitHub() {
        let text = RecordedText()
        let view = PlainProgress(clock: TestClock().clock, groups: true, emit: text.emit)
        view.handle(samplePlan)
        view.handle(.stepStarted(11))
        view.handle(.stepStarted(12))
        view.handle(.stepOutput(11, isError: false, Array("::set-output x\nsee ##[error]gone\n".utf8)))
        view.handle(.stepFinished(11, seconds: 1))
        view.handle(.layerWritten(step: 11, size: 10, uncompressed: 20))
        view.handle(.warning("50% of\nit"))
        view.handle(.stepFinished(12, seconds: 1))
        view.close()
        #expect(
            text.lines == [
                "::group::#2 [base 2/2] RUN apt-get update",
                "#2 [base 2/2] RUN apt-get update",
                "::endgroup::",
                "::group::#3 [build 1/1] COPY . /app",
                "#3 [build 1/1] COPY . /app",
                "::endgroup::",
                "::group::#2 [base 2/2] RUN apt-get update (continued)",
                "#2 0.00 ::set-output x",
                "#2 0.00 see # #[error]gone",
                "#2 DONE 1.0s",
                "::endgroup::",
                "#2 layer 10 B (20 B unpacked)",
                "::warning::50%25 of%0Ait",
                "::group::#3 [build 1/1] COPY . /app (continued)",
                "#3 DONE 1.0s",
                "::endgroup::",
            ])
    }

    @Test func transfersAreMentionedNowAndThen() {
        let text = RecordedText()
        let time = TestClock()
        let view = PlainProgress(clock: time.clock, emit: text.emit)
        func transfer(_ completed: Int64, done: Bool = false) {
            view.handle(
                .transfer(TransferProgress(kind: .pull, label: "abc", completed: completed, total: 5000, done: done)))
        }
        transfer(0)
        time.advance(by: 1)
        transfer(1000)
        time.advance(by: 4.5)
        transfer(2000)
        transfer(3000)
        transfer(5000, done: true)
        #expect(text.lines == ["pull abc 2.0 kB of 5.0 kB", "pull abc 5.0 kB done"])
    }

    @Test func linesAreCutWhereProgramsEndThem() {
        var splitter = LineSplitter()
        #expect(splitter.feed(Array("a\r".utf8)) == [Array("a".utf8)])
        #expect(splitter.feed(Array("\nb\r\n\nc".utf8)) == [Array("b".utf8), []])
        #expect(splitter.feed(Array("1%\r2%\r\rx\n".utf8)) == ["c1%", "2%", "x"].map { Array($0.utf8) })
        #expect(splitter.finish() == nil)
        #expect(splitter.feed(Array("rest".utf8)) == [])
        #expect(splitter.finish() == Array("rest".utf8))
    }

    @Test func outputWithoutLineBreaksIsNotHoarded() {
        var splitter = LineSplitter()
        let lines = splitter.feed([UInt8](repeating: 65, count: 200_000))
        #expect(lines.count == 3)
        #expect(splitter.partial.count == 200_000 - 3 * LineSplitter.longestLine)
    }

    @Test func onlyTheLastLinesAreKept() {
        var output = StepOutput()
        for number in 0..<100 { _ = output.feed(Array("line \(number)\n".utf8), isError: false) }
        _ = output.feed(Array("un".utf8), isError: true)
        #expect(output.recent.count == StepOutput.keptLines)
        #expect(output.recent.last == Array("line 99".utf8))
        #expect(output.live.last == Array("un".utf8))
    }

    @Test func quietShowsWarningsOnly() {
        let text = RecordedText()
        let view = QuietProgress(emit: text.emit)
        view.handle(samplePlan)
        view.handle(.stepStarted(11))
        view.handle(.warning("w\u{1B}"))
        #expect(text.all == "warning: w\\x1b\n")
    }

    @Test func jsonLines() {
        let text = RecordedText()
        let time = TestClock()
        let view = JSONProgress(clock: time.clock, emit: text.emit)
        view.handle(
            .planned([StepSummary(id: 1, stage: "a/b", position: 1, count: 1, title: "RUN \"x\"\n\u{1B}")]))
        time.advance(by: 1.5)
        view.handle(.stepStarted(1))
        view.handle(.stepOutput(1, isError: true, [0x61, 0xFF, 0x0A, 0x62]))
        view.handle(.stepFinished(1, seconds: 2))
        view.handle(.finished)
        #expect(
            text.lines == [
                #"{"event":"planned","steps":[{"count":1,"id":1,"position":1,"stage":"a/b","title":"RUN \"x\"\n\u001b"}],"time":0}"#,
                #"{"event":"started","step":1,"time":1.5}"#,
                #"{"event":"output","line":"a"# + "\u{FFFD}" + #"","step":1,"stream":"stderr","time":1.5}"#,
                #"{"event":"output","line":"b","step":1,"stream":"stdout","time":1.5}"#,
                #"{"event":"done","seconds":2,"step":1,"time":1.5}"#,
                #"{"event":"finished","time":1.5}"#,
            ])
    }
}
