extension Composer.Draft {
    /// The syntax of an instruction, and its text. `limit` takes what the text cannot say.
    init(_ instruction: ComposedInstruction, limit: (String) -> Void) {
        switch instruction {
        case .run(let command, let flags, _):
            self.init(run: command, flags: flags)
        case .copy(let sources, let files, let destination, let isAdd, let flags):
            self.init(words: sources + [destination], isAdd ? .add : .copy, flags)
            if !files.isEmpty { hold(files, limit: limit) }
        case .env(let pairs): self.init(pairs: pairs, .env)
        case .label(let pairs):
            for pair in pairs where pair.name.text.utf8.contains(.equals) {
                limit("the name of LABEL \(pair.name.text) has an \"=\"")
            }
            self.init(pairs: pairs, .label)
        case .argument(let pairs):
            let words = pairs.map { pair in pair.name.word + (pair.value.map { [.equals] + $0.word } ?? []) }
            self.init(keyword: .arg, arguments: words.isEmpty ? .none : .words(words), written: Self.written(pairs))
        case .workdir(let word): self.init(single: word, .workdir)
        case .user(let word): self.init(single: word, .user)
        case .stopSignal(let word): self.init(single: word, .stopsignal)
        case .cmd(let command): self.init(command: command, .cmd, limit: limit)
        case .entrypoint(let command): self.init(command: command, .entrypoint, limit: limit)
        case .expose(let words):
            self.init(
                keyword: .expose, arguments: words.isEmpty ? .none : .words(words.map(\.word)),
                written: ByteText(words.map(\.word).joined(separator: [0x20])))
        case .volume(let words):
            self.init(
                keyword: .volume, arguments: .strings(words.map(\.word)),
                written: JSONStringArray.text(words.map(\.word)))
        case .shell(let words):
            let words = words.map { Array($0.utf8) }
            self.init(keyword: .shell, arguments: .strings(words), written: JSONStringArray.text(words))
        case .maintainer(let text):
            if text.utf8.contains(.newline) { limit("MAINTAINER has a line break") }
            let text = ByteText(Array(text.utf8).trimmed)
            if Self.endsInContinuation(text) { limit("MAINTAINER ends in a backslash") }
            self.init(
                keyword: .maintainer, arguments: text.isEmpty ? .none : .words([text]), written: Self.oneLine(text))
        case .healthcheck(nil, _):
            self.init(
                keyword: .healthcheck, arguments: .check(kind: Array("NONE".utf8), command: nil),
                written: Array("NONE".utf8))
        case .healthcheck(let command?, let flags):
            let inner = Self(command: command, .cmd, limit: limit)
            let isEmpty = inner.arguments == .none || inner.arguments == .strings([])
            self.init(
                keyword: .healthcheck, flags: flags,
                arguments: .check(kind: Array("CMD".utf8), command: isEmpty ? nil : inner.arguments),
                written: Array("CMD ".utf8) + inner.written)
        case .onBuild(let trigger):
            self.init(keyword: .onbuild, arguments: .none, written: ByteText(Array(trigger.utf8).trimmed))
        }
    }

    private init(single word: ComposedWord, _ keyword: Keyword) {
        self.init(keyword: keyword, arguments: word.text.isEmpty ? .none : .words([word.word]), written: word.written)
    }

    private init(pairs: [ComposedPair], _ keyword: Keyword) {
        let parsed = pairs.map {
            InstructionNode.Pair(name: $0.name.word, value: $0.value?.word ?? [], hasEquals: true)
        }
        self.init(
            keyword: keyword, arguments: parsed.isEmpty ? .none : .pairs(parsed), written: Self.written(pairs))
    }

    private static func written(_ pairs: [ComposedPair]) -> ByteText {
        ByteText(
            pairs.map { pair -> ByteText in
                guard let value = pair.value else { return pair.name.written }
                return pair.name.written + [.equals] + (value == .literal("") ? [] : value.written)
            }.joined(separator: [0x20]))
    }

    private init(words: [ComposedWord], _ keyword: Keyword, _ flags: [ComposedFlag]) {
        let texts = words.map(\.word)
        // In the form without brackets blanks separate, "<<" begins a here-document, and "[" the other form.
        let isPlain = texts.allSatisfy { text in
            !text.isEmpty && !text.contains(where: \.isBlank) && !text.begins(with: "<<") && !text.begins(with: "[")
                && !text.begins(with: "--") && text.last != .backslash
        }
        self.init(
            keyword: keyword, flags: flags, arguments: .strings(texts),
            written: isPlain ? ByteText(texts.joined(separator: [0x20])) : JSONStringArray.text(texts))
    }

    /// Adds here-documents, whose marks stand before the destination.
    private mutating func hold(_ files: [ComposedFile], limit: (String) -> Void) {
        guard case .strings(var words) = arguments, let destination = words.popLast() else { return }
        if words.contains(where: { $0.contains(where: \.isBlank) }) || destination.contains(where: \.isBlank) {
            limit("a path with blanks stands beside a file that the definition holds")
        }
        for file in files {
            let name = Array(file.name.utf8)
            var content = Array(file.content.text.utf8)
            if content.last != .newline { content.append(.newline) }
            if content.split(separator: .newline, omittingEmptySubsequences: false).contains(name[...]) {
                limit("the file \(file.name) has a line that is its own name")
            }
            var announced = file.announced
            for index in announced.indices { announced[index].content = content }
            if !file.isMarked { limit("the file name \(file.name) cannot mark a here-document") }
            heredocs += announced
            words.append(file.mark)
        }
        words.append(destination)
        arguments = .words(words)
        written = ByteText(words.joined(separator: [0x20]))
        for heredoc in heredocs { written += [.newline] + heredoc.content + Array(heredoc.name.utf8) }
    }

    /// CMD, ENTRYPOINT and the check of HEALTHCHECK.
    private init(command: ComposedCommand, _ keyword: Keyword, limit: (String) -> Void) {
        switch command {
        case .exec(let words):
            let words = words.map { Array($0.utf8) }
            self.init(keyword: keyword, arguments: .strings(words), written: JSONStringArray.text(words))
        case .shell(let text), .script(let text, _):
            let text = ByteText(Array(text.utf8).trimmed)
            var written = Self.oneLine(text)
            if text.contains(.newline) { limit("a command in shell form has a line break") }
            if text.begins(with: "--") { written = Array("-- ".utf8) + written }
            if JSONStringArray.parse(text) != nil { limit("a command in shell form reads as the exec form") }
            if Self.endsInContinuation(text) { limit("a command in shell form ends in a backslash") }
            self.init(keyword: keyword, arguments: text.isEmpty ? .none : .words([text]), written: written)
        }
    }

    private init(run command: ComposedCommand, flags: [ComposedFlag]) {
        switch command {
        case .exec(let words):
            let words = words.map { Array($0.utf8) }
            self.init(keyword: .run, flags: flags, arguments: .strings(words), written: JSONStringArray.text(words))
        case .shell(let text):
            let bytes = Array(text.utf8)
            if bytes.trimmed.isEmpty {
                self.init(keyword: .run, flags: flags, arguments: .none, written: [])
            } else if let node = Self.verbatim(bytes) {
                self.init(
                    keyword: .run, flags: flags, arguments: node.arguments, written: bytes, heredocs: node.heredocs)
            } else {
                self.init(document: bytes, name: nil, flags)
            }
        case .script(let text, let name): self.init(document: Array(text.utf8), name: name, flags)
        }
    }

    /// RUN with a here-document.
    private init(document text: ByteText, name: String?, _ flags: [ComposedFlag]) {
        let body = text.last == .newline ? text : text + [.newline]
        let word = Array("<<\(name ?? Self.delimiter(for: body))".utf8)
        var heredocs = Heredoc.announced(in: Array("RUN ".utf8) + word, escape: .backslash)
        for index in heredocs.indices { heredocs[index].content = body }
        let end = Array((heredocs.first?.name ?? "").utf8)
        self.init(
            keyword: .run, flags: flags, arguments: .words([word]), written: word + [.newline] + body + end,
            heredocs: heredocs)
    }

    /// The syntax of RUN with this text, if a Dockerfile with it means the text and nothing else.
    private static func verbatim(_ text: ByteText) -> InstructionNode? {
        do throws(Diagnostic) {
            let source = try SourceText(DockerfileSource(bytes: Array("RUN ".utf8) + text + [.newline]))
            let lines = try LineLexer.lines(of: source, directives: ParserDirectives())
            guard lines.count == 1 else { return nil }
            let node = try NodeParser(source: source, escape: .backslash).node(lines[0])
            guard node.flags.isEmpty, case .run(let run) = try CommandParser(source: source).instruction(node).command
            else { return nil }
            return run == RunCommand(line: .shell(text)) ? node : nil
        } catch {
            return nil
        }
    }

    /// Whether the end of the line would be taken for a continuation.
    private static func endsInContinuation(_ text: ByteText) -> Bool {
        text.last == .backslash && text.dropLast().last != .backslash
    }

    /// The text on one line, which the next does not continue.
    private static func oneLine(_ text: ByteText) -> ByteText {
        ComposedWord.lineBreaksShown(text) + (endsInContinuation(text) ? [.backslash] : [])
    }

    /// A word that no line of `body` consists of.
    private static func delimiter(for body: ByteText) -> String {
        let lines = Set(body.split(separator: .newline).map { $0.last == .carriageReturn ? $0.dropLast() : $0 })
        var number = 1
        var name = "EOF"
        while lines.contains(Array(name.utf8)[...]) {
            number += 1
            name = "EOF\(number)"
        }
        return name
    }
}

extension ComposedFile {
    /// The word of an instruction that announces the file.
    fileprivate var mark: ByteText {
        if case .expanding = content { return Array("<<\(name)".utf8) }
        return Array("<<\"\(name)\"".utf8)
    }

    fileprivate var announced: [Heredoc] { Heredoc.announced(in: Array("COPY ".utf8) + mark, escape: .backslash) }

    /// Whether the name is one that a here-document, and a file, can have.
    package var isMarked: Bool {
        guard !name.utf8.contains(where: { $0 <= 0x20 || $0 == .slash }), name != ".", name != ".." else {
            return false
        }
        return announced.map(\.name) == [name] && announced.allSatisfy { !$0.stripsTabs }
    }
}

extension JSONStringArray {
    /// The array that `parse` reads as `words`.
    static func text(_ words: [ByteText]) -> ByteText {
        let strings = words.map { word -> ByteText in
            var text: ByteText = [.quote]
            for byte in word {
                switch byte {
                case .quote, .backslash: text += [.backslash, byte]
                case .newline: text += Array("\\n".utf8)
                case .carriageReturn: text += Array("\\r".utf8)
                case 0x09: text += Array("\\t".utf8)
                case 0..<0x20:
                    let digits = String(byte, radix: 16)
                    text += Array("\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8)
                default: text.append(byte)
                }
            }
            return text + [.quote]
        }
        return [UInt8(ascii: "[")] + ByteText(strings.joined(separator: Array(", ".utf8))) + [UInt8(ascii: "]")]
    }
}
