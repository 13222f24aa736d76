/// What the place that output goes to can show, decided from the environment alone.
struct TerminalTraits: Equatable, Sendable {
    /// Whether text may be coloured.
    let usesColor: Bool
    /// Whether lines may be redrawn in place.
    let isLive: Bool
    /// Whether marks outside ASCII come out right.
    let usesUnicode: Bool

    /// `NO_COLOR` wins over `CLICOLOR_FORCE`; `TERM=dumb` has neither colour nor cursor; a CI system's log is no
    /// place for redrawing even where it pretends to be a terminal.
    init(isTerminal: Bool, environment: [String: String]) {
        func isSet(_ name: String) -> Bool { !(environment[name] ?? "").isEmpty }
        let isDumb = environment["TERM"] == "dumb" || (isTerminal && !isSet("TERM"))
        let isForced = isSet("CLICOLOR_FORCE") && environment["CLICOLOR_FORCE"] != "0"
        let isRefused = isSet("NO_COLOR") || environment["CLICOLOR"] == "0"
        let isContinuousIntegration = isSet("CI") && environment["CI"] != "false" && environment["CI"] != "0"
        usesColor = !isSet("NO_COLOR") && (isForced || (isTerminal && !isDumb && !isRefused))
        isLive = isTerminal && !isDumb && !isContinuousIntegration
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let name = locale.lowercased()
        usesUnicode = name.contains("utf-8") || name.contains("utf8")
    }
}
