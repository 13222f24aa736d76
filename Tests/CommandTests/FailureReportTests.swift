import Testing

@testable import ocibuild

@Suite("The report of a failure")
struct FailureReportTests {
    private let definition = Array("FROM a\nENV x=1\r\nRUN make \\\n\t&& \u{1B}[2J\nCMD x\nUSER y\nEXPOSE 1\n".utf8)

    @Test func excerptMarksTheLines() {
        let excerpt = SourceExcerpt(name: "Dockerfile", bytes: definition, lines: 3...4)
        #expect(
            excerpt.render() == [
                "Dockerfile:3",
                "  1 |     FROM a",
                "  2 |     ENV x=1",
                "  3 | >>> RUN make \\",
                "  4 | >>>         && \\x1b[2J",
                "  5 |     CMD x",
                "  6 |     USER y",
            ])
    }

    @Test func excerptSurvivesLinesThatAreNotThere() {
        #expect(SourceExcerpt(name: "f", bytes: [], lines: 1...1).render() == ["f:1"])
        #expect(SourceExcerpt(name: "f", bytes: definition, lines: 90...95).render() == ["f:90"])
        #expect(SourceExcerpt(name: "f", bytes: definition, lines: 7...Int.max).render().last == "  7 | >>> EXPOSE 1")
    }

    @Test func theWholeReport() {
        let recorder = FailureRecorder()
        recorder.handle(samplePlan)
        for number in 1...30 {
            recorder.handle(.stepOutput(11, isError: false, Array("line \(number)\n".utf8)))
        }
        recorder.handle(.stepOutput(11, isError: true, Array("fatal: no\u{7}".utf8)))
        recorder.handle(.stepFailed(11, message: "exit status 7"))
        recorder.handle(.stepFailed(12, message: "cancelled"))
        let failure = recorder.first
        #expect(failure?.step.id == 11)
        #expect(failure?.output.count == 20)
        let report = FailureReport(
            heading: failure?.step.heading ?? "", output: failure?.output.suffix(2) ?? [],
            excerpt: SourceExcerpt(name: "Dockerfile", bytes: Array("FROM a\nRUN x\n".utf8), lines: 2...2),
            message: "RUN x failed with exit status 7")
        #expect(
            report.render() == [
                "",
                "Last lines of [base 2/2] RUN apt-get update:",
                "  | line 30",
                "  | fatal: no\\x07",
                "",
                "Dockerfile:2",
                "  1 |     FROM a",
                "  2 | >>> RUN x",
                "",
                "ocibuild: error: RUN x failed with exit status 7",
            ])
    }
}
