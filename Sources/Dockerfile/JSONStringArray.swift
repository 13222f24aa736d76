/// The exec form: a JSON array of strings (RFC 8259), and nothing after it.
enum JSONStringArray {
    /// What stands where an array of strings was looked for.
    enum Content: Equatable {
        case strings([ByteText])
        /// A JSON array, but of other things than strings.
        case otherArray
    }

    /// Reads `text`; nil when it is not a JSON array at all.
    static func parse(_ text: ByteText) -> Content? {
        var scanner = Scanner(text: text)
        scanner.skipBlanks()
        guard scanner.take(UInt8(ascii: "[")) else { return nil }
        var strings: [ByteText] = []
        var isPure = true
        scanner.skipBlanks()
        if !scanner.take(UInt8(ascii: "]")) {
            repeat {
                scanner.skipBlanks()
                if scanner.peek == .quote {
                    guard let string = scanner.string() else { return nil }
                    strings.append(string)
                } else {
                    guard scanner.skipValue(depth: 0) else { return nil }
                    isPure = false
                }
                scanner.skipBlanks()
            } while scanner.take(UInt8(ascii: ","))
            guard scanner.take(UInt8(ascii: "]")) else { return nil }
        }
        scanner.skipBlanks()
        guard scanner.isAtEnd else { return nil }
        return isPure ? .strings(strings) : .otherArray
    }
}

private struct Scanner {
    let text: ByteText
    var place = 0

    var isAtEnd: Bool { place == text.count }
    var peek: UInt8? { place < text.count ? text[place] : nil }

    mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        place += 1
        return true
    }

    mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { place += 1 }
    }

    mutating func string() -> ByteText? {
        guard take(.quote) else { return nil }
        var result: ByteText = []
        while let byte = peek {
            place += 1
            switch byte {
            case .quote: return result
            case 0..<0x20: return nil
            case .backslash:
                guard let scalar = escaped() else { return nil }
                result += Array(String(scalar).utf8)
            default: result.append(byte)
            }
        }
        return nil
    }

    private mutating func escaped() -> Unicode.Scalar? {
        guard let byte = peek else { return nil }
        place += 1
        switch byte {
        case .quote, .backslash, .slash: return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            guard let unit = codeUnit() else { return nil }
            guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) ?? "\u{FFFD}" }
            let mark = place
            if take(.backslash), take(UInt8(ascii: "u")), let low = codeUnit(), (0xDC00..<0xE000).contains(low) {
                return Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
            }
            place = mark
            return "\u{FFFD}"
        default: return nil
        }
    }

    private mutating func codeUnit() -> UInt32? {
        guard place + 4 <= text.count else { return nil }
        var value: UInt32 = 0
        for byte in text[place..<(place + 4)] {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46, 0x61...0x66: value = value << 4 | UInt32(byte.lowercased - 0x61 + 10)
            default: return nil
            }
        }
        place += 4
        return value
    }

    /// Passes over a value that is not a string; only its shape matters, for the caller refuses it.
    mutating func skipValue(depth: Int) -> Bool {
        guard depth < 32, let byte = peek else { return false }
        switch byte {
        case .quote: return string() != nil
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            let close = byte == UInt8(ascii: "[") ? UInt8(ascii: "]") : UInt8(ascii: "}")
            place += 1
            skipBlanks()
            if take(close) { return true }
            repeat {
                skipBlanks()
                guard skipValue(depth: depth + 1) else { return false }
                skipBlanks()
                if byte == UInt8(ascii: "{") {
                    guard take(UInt8(ascii: ":")) else { return false }
                    skipBlanks()
                    guard skipValue(depth: depth + 1) else { return false }
                    skipBlanks()
                }
            } while take(UInt8(ascii: ","))
            return take(close)
        default:
            let start = place
            while let byte = peek, byte.isLetter || byte.isDigit || [0x2B, 0x2D, 0x2E].contains(byte) { place += 1 }
            let word = text[start..<place]
            let isNumber = word.first.map { $0.isDigit || $0 == 0x2D } ?? false
            return isNumber || word.equals("true") || word.equals("false") || word.equals("null")
        }
    }
}
