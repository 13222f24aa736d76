import OCIBuild

/// `ocibuild doctor`.
enum DoctorVerb {
    static let verb = Verb(
        name: "doctor", chapter: .machine,
        summary: "Show what this machine allows, and why not more",
        details: [
            "Each sandbox is tried by doing what a build does in it. What stands against it is named, with the command or "
                + "setting that lifts it; `ocibuild help rootless` says what each sandbox is."
        ],
        flags: [CommonFlags.json],
        handlesTrees: true,
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let report = try await Session("doctor", arguments, console).builder().doctor()
        if arguments.isOn(CommonFlags.json) {
            try console.print(json: report)
        } else {
            let style = Style(usesColor: console.output.usesColor, usesUnicode: console.output.usesUnicode)
            console.print(lines(of: report, style: style).joined(separator: "\n"))
        }
        return ExitStatus.success
    }

    /// The report for people.
    static func lines(of report: DoctorReport, style: Style) -> [String] {
        var lines = [style.bold("Sandboxes, strongest first")]
        lines += report.rungs.flatMap { check in
            self.lines(of: check, note: check.name == report.chosen ? style.bold(" (used by default)") : "", style)
        }
        lines += ["", style.bold("This machine")]
        lines += report.surroundings.flatMap { self.lines(of: $0, note: "", style) }
        return lines
    }

    private static func lines(of check: DoctorReport.Check, note: String, _ style: Style) -> [String] {
        let mark = check.works ? style.green(style.doneMark) : style.red(style.failedMark)
        let name = TextWidth.pad(TerminalText.escape(check.name), to: 15)
        var lines = ["  \(mark) \(name) \(TerminalText.escape(check.finding))\(note)"]
        if let remedy = check.remedy {
            lines.append("                    \(style.dim("to mend it:")) \(TerminalText.escape(remedy))")
        }
        return lines
    }
}
