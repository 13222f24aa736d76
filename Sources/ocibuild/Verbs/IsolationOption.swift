import OCIBuild

/// `--isolation`, `--min-isolation` and the variables that stand for them.
struct IsolationOption {
    /// What is asked for.
    var choice = BuildOptions.IsolationChoice.auto
    /// The weakest that is allowed.
    var minimum = BuildOptions.IsolationChoice.none
    /// How another tool's word was understood.
    var notes: [String] = []

    /// The rungs, strongest first.
    static let strengths = BuildOptions.IsolationChoice.allCases.filter { $0 != .auto }

    /// Reads them; throws a ``UsageError`` that names the option or variable.
    init(_ session: Session) throws(UsageError) {
        let arguments = session.arguments
        if let (text, origin) = Self.asked(arguments, session.console) {
            guard let (choice, note) = Self.meaning(text, of: origin) else {
                let names = BuildOptions.IsolationChoice.allCases.map(\.rawValue)
                throw session.failure(
                    "\(origin): \"\(TerminalText.escape(text))\" is none of \(names.joined(separator: ", "))."
                        + Suggestion.question(for: text, among: names))
            }
            self.choice = choice
            if let note { notes.append(note) }
        }
        let variable = "OCIBUILD_MIN_ISOLATION"
        if let text = arguments.text(BuildFlags.minIsolation) ?? session.console.variable(variable) {
            guard let rung = Self.strengths.first(where: { $0.rawValue == text }) else {
                let names = Self.strengths.map(\.rawValue).joined(separator: ", ")
                throw session.failure("\(variable): \"\(TerminalText.escape(text))\" is none of \(names)")
            }
            minimum = rung
        }
        if let asked = Self.strengths.firstIndex(of: choice), let least = Self.strengths.firstIndex(of: minimum),
            asked > least
        {
            throw session.failure(
                "--isolation \(choice.rawValue) is weaker than --min-isolation \(minimum.rawValue) allows")
        }
    }

    /// What is asked for, before anything is checked; nil where nothing is, or no known word.
    static func wanted(_ arguments: Arguments, _ console: Console) -> BuildOptions.IsolationChoice? {
        asked(arguments, console).flatMap { meaning($0.text, of: $0.origin)?.choice }
    }

    private static func asked(_ arguments: Arguments, _ console: Console) -> (text: String, origin: String)? {
        if let text = arguments.text(BuildFlags.isolation) { return (text, "--isolation") }
        for name in ["OCIBUILD_ISOLATION", "BUILDAH_ISOLATION"] {
            if let text = console.variable(name) { return (text, name) }
        }
        return nil
    }

    /// What a word means. buildah and docker have words of their own, which their users bring along.
    private static func meaning(
        _ text: String, of origin: String
    ) -> (choice: BuildOptions.IsolationChoice, note: String?)? {
        // buildah's chroot works for every user, by a user namespace where it must; ours is for root.
        if origin == "BUILDAH_ISOLATION", text == "chroot", Rootless.user != 0 {
            return (.auto, "\(origin)=chroot: the strongest sandbox that works here is taken, as by --isolation auto")
        }
        if let choice = BuildOptions.IsolationChoice(rawValue: text) { return (choice, nil) }
        let tools = ["oci": "buildah", "rootless": "buildah", "default": "docker"]
        return tools[text].map { tool in
            (.auto, "\(origin) \(text) is \(tool)'s word: the strongest sandbox that works here is taken, as by auto")
        }
    }
}
