/// Reads the words after a verb by the verb's own declaration.
///
/// `--flag value`, `--flag=value`, `-f value`, `-fvalue`, `-f=value`, joined switches (`-qf x`), `--no-flag`;
/// options and operands in any order; `--` ends the options; `-` is an operand.
struct ArgumentParser {
    let verb: Verb
    /// The verb's options and those that every verb takes.
    private let flags: [Flag]
    private var result = Arguments()
    private var rest: ArraySlice<Word> = []

    private init(_ verb: Verb) {
        self.verb = verb
        flags = verb.flags + GlobalFlags.all
    }

    /// The options and operands in `words`. Asking for help ends the reading: what follows need not be right.
    static func parse(_ words: [Word], for verb: Verb) throws(UsageError) -> Arguments {
        var parser = ArgumentParser(verb)
        return try parser.run(words)
    }

    private mutating func run(_ words: [Word]) throws(UsageError) -> Arguments {
        rest = words[...]
        while let word = rest.popFirst() {
            if word.bytes == Array("--".utf8) {
                rest.forEach { result.add(operand: $0) }
                break
            }
            if word.bytes.starts(with: Array("--".utf8)) {
                try long(word.bytes.dropFirst(2), of: word)
            } else if word.bytes.first == UInt8(ascii: "-"), word.bytes.count > 1 {
                try short(word.bytes.dropFirst(), of: word)
            } else {
                result.add(operand: word)
            }
            if result.wantsHelp { return result }
        }
        try checkOperands()
        return result
    }

    private mutating func long(_ bytes: ArraySlice<UInt8>, of word: Word) throws(UsageError) {
        let nameBytes = bytes.prefix { $0 != UInt8(ascii: "=") }
        let attached = nameBytes.count < bytes.count ? Word(bytes: bytes.dropFirst(nameBytes.count + 1)) : nil
        let name = String(decoding: nameBytes, as: UTF8.self)
        if name == "help" {
            result.wantsHelp = true
            return
        }
        if let flag = flags.first(where: { $0.name == name || $0.aliases.contains(name) }) {
            try take(flag, written: "--\(name)", attached: attached)
        } else if name.hasPrefix("no-"), let flag = flags.first(where: { $0.isNegatable && "no-\($0.name)" == name }) {
            guard attached == nil else { throw failure("--\(name) takes no value") }
            result.add(Word("false"), to: flag)
        } else {
            let known = flags.filter { !$0.isHidden }.flatMap { flag in
                [flag.name] + flag.aliases + (flag.isNegatable ? ["no-\(flag.name)"] : [])
            }
            let shown = TerminalText.escape(Array(nameBytes))
            let question = Suggestion.question(for: name, among: known, prefix: "--")
            throw failure("unknown option \"--\(shown)\".\(question)")
        }
    }

    private mutating func short(_ bytes: ArraySlice<UInt8>, of word: Word) throws(UsageError) {
        var letters = bytes
        while let letter = letters.popFirst() {
            if letter == UInt8(ascii: "h") {
                result.wantsHelp = true
                return
            }
            let name = Character(Unicode.Scalar(letter))
            guard letter < 0x80, let flag = flags.first(where: { $0.short == name }) else {
                let shown = TerminalText.escape([letter])
                throw failure("unknown option \"-\(shown)\"\(bytes.count > 1 ? " in \"\(word.shown)\"" : "").")
            }
            if flag.needsValue, !letters.isEmpty {
                let value = letters.first == UInt8(ascii: "=") ? letters.dropFirst() : letters
                try take(flag, written: "-\(name)", attached: Word(bytes: value))
                return
            }
            try take(flag, written: "-\(name)", attached: nil)
        }
    }

    private mutating func take(_ flag: Flag, written: String, attached: Word?) throws(UsageError) {
        if case .none = flag.value {
            result.add(Word(try truth(attached, of: written) ? "true" : "false"), to: flag)
        } else if let attached {
            result.add(try checked(attached, for: flag, written: written), to: flag)
        } else if let implied = flag.implied {
            result.add(Word(implied), to: flag)
        } else {
            let value = try nextValue(for: flag, written: written)
            result.add(try checked(value, for: flag, written: written), to: flag)
        }
    }

    private mutating func nextValue(for flag: Flag, written: String) throws(UsageError) -> Word {
        guard let next = rest.first else {
            throw failure("\(written) needs a value: \(flag.valueName ?? "")")
        }
        // `-t --push` is a forgotten name far more often than an image called "--push".
        let isFlag = flags.contains { "--\($0.name)" == next.text || $0.aliases.contains { "--\($0)" == next.text } }
        guard !isFlag else {
            throw failure("\(written) needs a value (\(flag.valueName ?? "")), but \(next.shown) follows")
        }
        return rest.removeFirst()
    }

    private func truth(_ word: Word?, of written: String) throws(UsageError) -> Bool {
        guard let word else { return true }
        switch word.text {
        case "true", "1": return true
        case "false", "0": return false
        default: throw failure("\(written) is a switch: \"\(word.shown)\" is neither true nor false")
        }
    }

    private func checked(_ word: Word, for flag: Flag, written: String) throws(UsageError) -> Word {
        if case .path = flag.value {
            guard !word.bytes.isEmpty else { throw failure("\(written) needs a path, not an empty word") }
            return word
        }
        guard let text = word.text else { throw failure("\(written): \"\(word.shown)\" is not valid UTF-8") }
        switch flag.value {
        case .choice(let words) where !words.contains(text):
            let question = Suggestion.question(for: text, among: words)
            throw failure("\(written): \"\(word.shown)\" is none of \(words.joined(separator: ", ")).\(question)")
        case .number(_, let range):
            guard let number = Int(text), range.contains(number) else {
                let bounds =
                    range.upperBound == Int.max
                    ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
                throw failure("\(written): \"\(word.shown)\" is not a whole number \(bounds)")
            }
        default: break
        }
        return word
    }

    private func checkOperands() throws(UsageError) {
        let allowed = verb.operandCount
        if result.operands.count > allowed.upperBound {
            let extra = result.operands[allowed.upperBound].shown
            throw failure(
                allowed.upperBound == 0
                    ? "\(verb.name) takes no argument, but was given \"\(extra)\""
                    : "one argument too many: \"\(extra)\"")
        }
        if result.operands.count < allowed.lowerBound {
            var missing = result.operands.count
            let operand = verb.operands.first { operand in
                missing -= operand.count.lowerBound
                return missing < 0
            }
            throw failure("\(verb.name) needs \(operand?.name ?? "an argument"): \(operand?.help ?? "")")
        }
    }

    private func failure(_ message: String) -> UsageError {
        UsageError(verb: verb.name, message: message)
    }
}
