/// Makes text that came from elsewhere (a step's output, an image's history, a file name) safe to show.
///
/// Left as it is, such text could move the cursor, rewrite what was shown before, set the window's title or turn
/// the reading direction around. It is escaped visibly, never dropped: what was there can still be read.
enum TerminalText {
    /// `bytes` on one line: control characters, invalid UTF-8 and direction overrides become `\n`, `\t`, `\xNN` or
    /// `\u{…}`. With `keepColors`, colour and weight sequences (`ESC [ … m`) stay; else they are left out, since they
    /// carry no meaning of their own.
    static func escape(_ bytes: some Collection<UInt8>, keepColors: Bool = false) -> String {
        let input = Array(bytes)
        var output: [UInt8] = []
        output.reserveCapacity(input.count)
        var index = 0
        while index < input.count {
            let byte = input[index]
            if byte >= 0x20, byte < 0x7F {
                output.append(byte)
                index += 1
            } else if byte < 0x80 {
                if byte == 0x1B, let length = colorSequence(input[index...]) {
                    if keepColors { output += input[index..<(index + length)] }
                    index += length
                } else {
                    output += control(byte).utf8
                    index += 1
                }
            } else if let (scalar, length) = scalar(input[index...]) {
                if isDisruptive(scalar) {
                    output += "\\u{\(String(scalar.value, radix: 16))}".utf8
                } else {
                    output += input[index..<(index + length)]
                }
                index += length
            } else {
                output += control(byte).utf8
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    static func escape(_ text: String, keepColors: Bool = false) -> String {
        escape(Array(text.utf8), keepColors: keepColors)
    }

    /// Like ``escape(_:keepColors:)``, but a message may have several lines, and tabs.
    static func escapeLines(_ text: String) -> String {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { escape(expandTabs(Array($0))) }.joined(separator: "\n")
    }

    /// Tabs as spaces up to the next multiple of eight: the tab's width depends on what was printed before it.
    static func expandTabs(_ line: [UInt8]) -> [UInt8] {
        guard line.contains(9) else { return line }
        var output: [UInt8] = []
        var column = 0
        for byte in line {
            if byte == 9 {
                let gap = 8 - column % 8
                output += [UInt8](repeating: 32, count: gap)
                column += gap
            } else {
                output.append(byte)
                // Continuation bytes of UTF-8 take no column.
                if byte & 0xC0 != 0x80 { column += 1 }
            }
        }
        return output
    }

    private static func control(_ byte: UInt8) -> String {
        switch byte {
        case 9: return "\\t"
        case 10: return "\\n"
        case 13: return "\\r"
        default:
            let digits = String(byte, radix: 16)
            return "\\x" + (digits.count < 2 ? "0" : "") + digits
        }
    }

    /// The length of `ESC [ digits ; digits m` at the start of `bytes`.
    private static func colorSequence(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.dropFirst().first == UInt8(ascii: "[") else { return nil }
        let parameters = bytes.dropFirst(2).prefix(32).prefix {
            ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: ":")
        }
        guard bytes.dropFirst(2 + parameters.count).first == UInt8(ascii: "m") else { return nil }
        return 3 + parameters.count
    }

    private static func scalar(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
        var decoder = UTF8()
        var iterator = bytes.prefix(4).makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return (scalar, String(scalar).utf8.count)
    }

    /// C1 controls, and what reorders the text around it.
    static func isDisruptive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x80...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
