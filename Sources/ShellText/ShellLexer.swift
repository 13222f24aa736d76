/// Cuts a script of a POSIX shell, or of bash, into tokens.
///
/// It reads what `sh` reads: quotes, escapes, comments, substitutions, here-documents and `case`. It gives up on a text
/// that ends inside one of them; such a text is left as it is.
struct ShellLexer {
    /// The text cannot be cut: something in it is never closed, or is nested deeper than anyone writes.
    struct Unreadable: Error {}

    enum Frame { case subshell, pattern, body }

    static let depthLimit = 64

    let text: [UInt8]
    var index = 0
    /// Here-documents that begin at the next line break: the end marker, and whether tabs before it do not count.
    var pending: [(marker: [UInt8], tabs: Bool)] = []

    /// The tokens of `text`; nil if it cannot be cut.
    static func tokens(of text: [UInt8]) -> [ShellToken]? {
        var lexer = ShellLexer(text: text)
        return try? lexer.commands(nesting: 0, closing: false)
    }

    private init(text: [UInt8]) {
        self.text = text
    }

    func byte(_ offset: Int = 0) -> UInt8? {
        index + offset < text.count ? text[index + offset] : nil
    }

    func starts(with spelling: String) -> Bool {
        text[index...].starts(with: spelling.utf8)
    }

    /// Longest first.
    private static let controls = [";;&", ";;", ";&", "&&", "||", "|&", ";", "&", "|", "(", ")"]
    private static let redirections = ["&>>", "<<<", "<<-", "&>", "<<", "<&", "<>", ">>", ">&", ">|", "<", ">"]

    /// Reads commands to the end of the text, or, if `closing`, past the `)` that ends a substitution.
    mutating func commands(nesting: Int, closing: Bool) throws(Unreadable) -> [ShellToken] {
        guard nesting < Self.depthLimit else { throw Unreadable() }
        var place = ShellPlace()
        var tokens: [ShellToken] = []
        while let byte = byte() {
            if byte.isShellBlank {
                index += 1
                continue
            }
            if byte == UInt8(ascii: "\\"), self.byte(1) == UInt8(ascii: "\n") {
                index += 2
                continue
            }
            let start = index
            if byte == UInt8(ascii: "\n") {
                index += 1
                let bodies = skipDocuments()
                place.lineBreak()
                tokens.append(place.token(.newline, start..<start + 1, "", bodies: bodies))
                continue
            }
            if byte == UInt8(ascii: "#") {
                while let next = self.byte(), next != UInt8(ascii: "\n") { index += 1 }
                tokens.append(place.token(.comment, start..<index, ""))
                continue
            }
            if starts(with: "(("), place.takesArithmetic {
                do {
                    try skipArithmetic()
                    tokens.append(place.word(start..<index, "(("))
                    continue
                } catch {
                    // A subshell in a subshell.
                    index = start
                }
            }
            let isSubstitution = (starts(with: "<(") || starts(with: ">("))
            if !isSubstitution, let spelling = Self.redirections.first(where: starts(with:)) {
                index += spelling.utf8.count
                tokens.append(place.token(.redirection, start..<index, spelling))
                if spelling == "<<" || spelling == "<<-" { try readMarker(&tokens, &place, nesting: nesting) }
                continue
            }
            if let spelling = Self.controls.first(where: starts(with:)) {
                index += spelling.utf8.count
                if spelling == ")", place.frames.isEmpty {
                    guard closing else { throw Unreadable() }
                    return tokens
                }
                tokens.append(place.control(start..<index, spelling))
                continue
            }
            if starts(with: "[["), place.startsCommand, self.byte(2)?.isShellBlank ?? true {
                try skipTest(nesting: nesting)
                tokens.append(place.word(start..<index, "[["))
                continue
            }
            let value = try readWord(nesting: nesting)
            // A number right before a redirection names the descriptor.
            if let next = self.byte(), next == UInt8(ascii: "<") || next == UInt8(ascii: ">"),
                text[start..<index].allSatisfy({ (0x30...0x39).contains($0) }),
                let spelling = Self.redirections.first(where: starts(with:))
            {
                index += spelling.utf8.count
                tokens.append(place.token(.redirection, start..<index, spelling))
                if spelling == "<<" || spelling == "<<-" { try readMarker(&tokens, &place, nesting: nesting) }
                continue
            }
            // The target of a redirection is no command, and a command may still follow it.
            let isTarget = tokens.last?.kind == .redirection
            tokens.append(isTarget ? place.token(.word, start..<index, value) : place.word(start..<index, value))
        }
        guard !closing, place.frames.isEmpty else { throw Unreadable() }
        return tokens
    }

    /// Reads the word after `<<`, which says where the document ends.
    private mutating func readMarker(
        _ tokens: inout [ShellToken], _ place: inout ShellPlace, nesting: Int
    ) throws(Unreadable) {
        let tabs = tokens.last?.value == "<<-"
        while let byte = byte(), byte.isShellBlank { index += 1 }
        let start = index
        let value = try readWord(nesting: nesting)
        guard index > start else { throw Unreadable() }
        pending.append((Array(value.utf8), tabs))
        tokens.append(place.token(.word, start..<index, value))
    }

    /// Passes the bodies of the here-documents that were announced, and says where they are: up to the line break after
    /// the last end marker, without it.
    mutating func skipDocuments() -> Range<Int> {
        let start = index
        var end = index
        for (marker, tabs) in pending {
            while index < text.count {
                var line = text[index..<(text[index...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count)]
                index = min(line.endIndex + 1, text.count)
                end = index
                if tabs { line = line.drop { $0 == UInt8(ascii: "\t") } }
                if line.elementsEqual(marker) {
                    end = line.endIndex
                    break
                }
            }
        }
        pending = []
        return start..<end
    }
}

extension UInt8 {
    /// Space or tab.
    var isShellBlank: Bool { self == 0x20 || self == 0x09 }
    /// Whether it ends a word where it is not quoted.
    var isShellMetacharacter: Bool {
        isShellBlank || self == 0x0A || [0x3B, 0x26, 0x7C, 0x28, 0x29, 0x3C, 0x3E].contains(self)
    }
}
