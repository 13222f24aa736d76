import Testing

@testable import ocibuild

@Suite("Output: text, sizes, times, tables")
struct OutputTests {
    @Test func untrustedTextCannotSteerTheTerminal() {
        #expect(TerminalText.escape("plain ünïcode ✓") == "plain ünïcode ✓")
        #expect(TerminalText.escape("a\u{1B}]0;title\u{7}b") == "a\\x1b]0;title\\x07b")
        #expect(TerminalText.escape("a\u{1B}[2Jb") == "a\\x1b[2Jb")
        #expect(TerminalText.escape("\r\n\t") == "\\r\\n\\t")
        #expect(TerminalText.escape([0x61, 0xFF, 0xC3, 0x28]) == "a\\xff\\xc3(")
        #expect(TerminalText.escape("x\u{202E}y") == "x\\u{202e}y")
        #expect(TerminalText.escape("x\u{9B}31my") == "x\\u{9b}31my")
        #expect(TerminalText.escape([0x7F]) == "\\x7f")
        #expect(TerminalText.escape([0xE2, 0x82]) == "\\xe2\\x82")
    }

    @Test func coloursStayOnlyWhereWanted() {
        let red = "\u{1B}[1;31mred\u{1B}[0m"
        #expect(TerminalText.escape(red) == "red")
        #expect(TerminalText.escape(red, keepColors: true) == red)
        #expect(TerminalText.escape("\u{1B}[5n", keepColors: true) == "\\x1b[5n")
        let endless = "\u{1B}[" + String(repeating: "1;", count: 100) + "m"
        #expect(TerminalText.escape(endless, keepColors: true).hasPrefix("\\x1b["))
    }

    @Test func tabsAndLines() {
        #expect(TerminalText.expandTabs(Array("a\tb".utf8)) == Array("a       b".utf8))
        #expect(TerminalText.escapeLines("a\n\tb\u{1B}c") == "a\n        b\\x1bc")
    }

    @Test func widths() {
        #expect(TextWidth.columns("abc") == 3)
        #expect(TextWidth.columns("日本") == 4)
        #expect(TextWidth.columns("e\u{301}") == 1)
        #expect(TextWidth.columns("\u{1B}[31mred\u{1B}[0m") == 3)
        #expect(TextWidth.clip("abcdef", to: 4) == "abc…")
        #expect(TextWidth.clip("日本語", to: 4) == "日…")
        #expect(TextWidth.clip("abc", to: 3) == "abc")
        #expect(TextWidth.clip("\u{1B}[31mabcdef\u{1B}[0m", to: 3) == "\u{1B}[31mab…\u{1B}[0m")
        #expect(TextWidth.clip("abc", to: 0) == "")
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1234, "1.2 kB"), (45_100_000, "45.1 MB"), (999_949, "999.9 kB"),
        (999_951, "1.0 MB"), (Int64.max, "9.2 EB"), (-5, "0 B"),
    ])
    func sizes(_ bytes: Int64, _ text: String) {
        #expect(Measure.size(bytes) == text)
    }

    @Test func durations() {
        #expect(Measure.duration(0) == "0.0s")
        #expect(Measure.duration(1.25) == "1.3s")
        #expect(Measure.duration(59.96) == "1m00s")
        #expect(Measure.duration(123) == "2m03s")
        #expect(Measure.duration(3720) == "1h02m")
        #expect(Measure.duration(-1) == "0.0s")
        #expect(Measure.duration(.nan) == "0.0s")
        #expect(Measure.duration(.infinity) == "0.0s")
    }

    @Test func ages() {
        #expect(Measure.age(of: 100, now: 110) == "just now")
        #expect(Measure.age(of: 0, now: 59) == "1 minute ago")
        #expect(Measure.age(of: 0, now: 300) == "5 minutes ago")
        #expect(Measure.age(of: 0, now: 3 * 86_400) == "3 days ago")
        #expect(Measure.age(of: 0, now: 46 * 31_557_600) == "46 years ago")
        #expect(Measure.age(of: Int64.min, now: Int64.max) == "just now")
    }

    @Test func moments() {
        #expect(Moment.seconds(parsing: "1970-01-01T00:00:00Z") == 0)
        #expect(Moment.seconds(parsing: "1980-01-01T00:00:01Z") == 315_532_801)
        #expect(Moment.seconds(parsing: "2026-11-21T03:29:43.123456789Z") == 1_795_231_783)
        #expect(Moment.seconds(parsing: "2024-02-29T12:00:00+02:00") == 1_709_200_800)
        #expect(Moment.seconds(parsing: "0001-01-01T00:00:00Z") == -62_135_596_800)
        for bad in ["", "yesterday", "2026-13-01T00:00:00Z", "2026-11-21T03:29:43", "2026-11-21T03:29:43+2"] {
            #expect(Moment.seconds(parsing: bad) == nil)
        }
    }

    @Test func tables() {
        var table = Table(["NAME", "SIZE", "WHAT"], flexibleColumn: 2)
        table.add(["a", "1.0 kB", "x\u{1B}[2Jy"])
        table.add(["longer-name", "5 B", String(repeating: "z", count: 60)])
        #expect(
            table.lines(width: nil) == [
                "NAME          SIZE     WHAT",
                "a             1.0 kB   x\\x1b[2Jy",
                "longer-name   5 B      " + String(repeating: "z", count: 60),
            ])
        let narrow = table.lines(width: 40)
        #expect(narrow.allSatisfy { TextWidth.columns($0) <= 40 })
        #expect(narrow[2].hasSuffix("…"))
    }

    @Test func traits() {
        func traits(_ terminal: Bool, _ environment: [String: String]) -> TerminalTraits {
            TerminalTraits(isTerminal: terminal, environment: environment)
        }
        let terminal = ["TERM": "xterm", "LANG": "en_GB.UTF-8"]
        #expect(traits(true, terminal).usesColor)
        #expect(traits(true, terminal).isLive)
        #expect(traits(true, terminal).usesUnicode)
        #expect(!traits(true, terminal.merging(["LC_ALL": "C"]) { $1 }).usesUnicode)
        #expect(!traits(false, terminal).usesColor)
        #expect(!traits(false, terminal).isLive)
        #expect(!traits(true, terminal.merging(["NO_COLOR": "1"]) { $1 }).usesColor)
        #expect(traits(true, terminal.merging(["NO_COLOR": ""]) { $1 }).usesColor)
        #expect(traits(true, terminal.merging(["NO_COLOR": "1"]) { $1 }).isLive)
        #expect(traits(false, ["CLICOLOR_FORCE": "1"]).usesColor)
        #expect(!traits(false, ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"]).usesColor)
        #expect(!traits(false, ["CLICOLOR_FORCE": "0"]).usesColor)
        #expect(!traits(true, ["TERM": "dumb"]).usesColor)
        #expect(!traits(true, ["TERM": "dumb"]).isLive)
        #expect(!traits(true, ["TERM": "xterm", "CI": "true"]).isLive)
        #expect(!traits(true, [:]).isLive)
    }
}
