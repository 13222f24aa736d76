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
        var output = StepOutput()
        for number in 1...30 { _ = output.feed(Array("line \(number)\n".utf8), isError: false) }
        _ = output.feed(Array("fatal: no\u{7}".utf8), isError: true)
        _ = output.finish()
        #expect(output.recent.count == 20)
        let report = FailureReport(
            heading: "[base 2/2] RUN apt-get update", output: output.recent.suffix(2),
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
