/// Finds the verb on a command line and has the rest read by its declaration.
enum CommandLineReader {
    /// What a command line asks for.
    enum Request {
        /// Show the list of verbs.
        case overview
        /// Show one verb's page.
        case help(Verb)
        /// Do it.
        case run(Verb, Arguments)
    }

    /// Reads the words after the program's name. Options that every verb takes may stand before the verb.
    static func read(_ words: [Word], verbs: [Verb]) throws(UsageError) -> Request {
        var leading: [Word] = []
        var rest = words[...]
        while let word = rest.first, word.bytes.first == UInt8(ascii: "-") {
            rest.removeFirst()
            switch word.text {
            case "-h", "--help": return .overview
            case "--version", "-V", "-v": return try read([Word("version")] + leading + rest, verbs: verbs)
            default: break
            }
            let name = (word.text ?? word.shown).prefix { $0 != "=" }
            guard let flag = GlobalFlags.all.first(where: { "--\($0.name)" == name }) else {
                let question = Suggestion.question(
                    for: String(name.drop { $0 == "-" }), among: GlobalFlags.all.map(\.name) + ["help", "version"],
                    prefix: "--")
                throw UsageError(
                    message: "\"\(word.shown)\" stands before the command, where only options of all commands may."
                        + question)
            }
            leading.append(word)
            if flag.needsValue, !word.bytes.contains(UInt8(ascii: "=")) {
                guard let value = rest.popFirst() else {
                    throw UsageError(message: "\(word.shown) needs a value: \(flag.valueName ?? "")")
                }
                leading.append(value)
            }
        }
        guard let verbWord = rest.popFirst() else {
            throw UsageError(message: "no command given")
        }
        var verb = try find(verbWord, among: verbs)
        if !verb.members.isEmpty {
            guard let word = rest.popFirst(), word != Word("-h"), word != Word("--help") else { return .help(verb) }
            verb = try find(word, in: verb)
        }
        let arguments = try ArgumentParser.parse(leading + rest, for: verb)
        return arguments.wantsHelp ? .help(verb) : .run(verb, arguments)
    }

    /// The member of a group by its own name or alias.
    static func find(_ word: Word, in group: Verb) throws(UsageError) -> Verb {
        let name = "\(group.name) \(word.text ?? word.shown)"
        if let verb = group.members.first(where: { $0.name == name || $0.aliases.contains(name) }) { return verb }
        let question = Suggestion.question(
            for: name, among: group.members.flatMap { [$0.name] + $0.aliases })
        throw UsageError(verb: group.name, message: "unknown command \"\(group.name) \(word.shown)\".\(question)")
    }

    /// The verb of that name or alias.
    static func find(_ word: Word, among verbs: [Verb]) throws(UsageError) -> Verb {
        let name = word.text ?? word.shown
        if let verb = verbs.first(where: { $0.name == name || $0.aliases.contains(name) }) { return verb }
        let question = Suggestion.question(for: name, among: verbs.flatMap { [$0.name] + $0.aliases })
        throw UsageError(message: "unknown command \"\(word.shown)\".\(question)")
    }
}
