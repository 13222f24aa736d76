/// A pass over the bytes of a JSON document that finds what the decoder would silently let through: repeated keys, deep
/// nesting, other encodings than UTF-8, and sizes that are not plain integers.
struct JSONStructure {
    private static let deepest = 64
    /// Objects whose keys are data: `Foo` and `foo` are two labels.
    private static let freeObjects: Set<[UInt8]> = [
        Array("labels".utf8), Array("annotations".utf8), Array("volumes".utf8),
    ]
    private static let integerKeys: Set<[UInt8]> = [Array("size".utf8), Array("schemaversion".utf8)]

    private let bytes: [UInt8]
    private var position = 0

    /// Throws `SpecError` unless `bytes` is well-formed, unambiguous JSON.
    static func check(_ bytes: [UInt8]) throws(SpecError) {
        let head = bytes.prefix(4)
        if head.starts(with: [0xEF, 0xBB, 0xBF]) || head.starts(with: [0xFE, 0xFF]) || head.starts(with: [0xFF, 0xFE])
            || head.contains(0)
        {
            throw SpecError(.documentEncoding, "document", "JSON is written in UTF-8 without a byte order mark")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw SpecError(.documentEncoding, "document", "not valid UTF-8")
        }
        var scan = JSONStructure(bytes: bytes)
        try scan.value(key: [], depth: 0)
        scan.skipSpace()
        guard scan.position == bytes.count else { throw scan.syntax("the end of the document is expected") }
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func syntax(_ message: String) -> SpecError {
        SpecError(.documentSyntax, "byte \(position)", message)
    }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(SpecError) {
        guard current == UInt8(ascii: character) else { throw syntax("\"\(character)\" is expected") }
        position += 1
    }

    private mutating func value(key: [UInt8], depth: Int) throws(SpecError) {
        guard depth <= Self.deepest else {
            throw SpecError(.documentSyntax, "byte \(position)", "nested deeper than \(Self.deepest) levels")
        }
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): try object(key: key, depth: depth)
        case UInt8(ascii: "["): try array(depth: depth)
        case UInt8(ascii: "\""): _ = try string()
        case .some(let byte) where byte > 0x20: try literal(key: key)
        default: throw syntax("a value is expected")
        }
    }

    private mutating func object(key: [UInt8], depth: Int) throws(SpecError) {
        let foldsCase = !Self.freeObjects.contains(key)
        var seen: Set<[UInt8]> = []
        position += 1
        skipSpace()
        if current == UInt8(ascii: "}") {
            position += 1
            return
        }
        while true {
            skipSpace()
            let name = try string()
            let folded = Self.folded(name)
            guard seen.insert(foldsCase ? folded : name).inserted else {
                throw SpecError(
                    .documentAmbiguous, "key \(String(decoding: name, as: UTF8.self))",
                    "occurs twice in one object; readers would disagree about its value")
            }
            skipSpace()
            try expect(":")
            try value(key: folded, depth: depth + 1)
            skipSpace()
            if current == UInt8(ascii: ",") {
                position += 1
                continue
            }
            return try expect("}")
        }
    }

    /// A key as readers that disregard case compare it. Besides A–Z two letters beyond ASCII have a small letter of ASCII:
    /// U+017F, the long s, and U+212A, the sign of Kelvin; Go's reader knows them.
    private static func folded(_ name: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = name[...]
        while let byte = rest.first {
            if rest.starts(with: [0xC5, 0xBF]) {
                result.append(UInt8(ascii: "s"))
                rest = rest.dropFirst(2)
            } else if rest.starts(with: [0xE2, 0x84, 0xAA]) {
                result.append(UInt8(ascii: "k"))
                rest = rest.dropFirst(3)
            } else {
                result.append(byte >= 0x41 && byte <= 0x5A ? byte + 0x20 : byte)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private mutating func array(depth: Int) throws(SpecError) {
        position += 1
        skipSpace()
        if current == UInt8(ascii: "]") {
            position += 1
            return
        }
        while true {
            try value(key: [], depth: depth + 1)
            skipSpace()
            if current == UInt8(ascii: ",") {
                position += 1
                continue
            }
            return try expect("]")
        }
    }

    /// A number, `true`, `false` or `null`; its exact form is judged by the decoder.
    private mutating func literal(key: [UInt8]) throws(SpecError) {
        let start = position
        while let byte = current, byte > 0x20, byte != 0x2C, byte != 0x5D, byte != 0x7D { position += 1 }
        let text = bytes[start..<position]
        if Self.integerKeys.contains(key), !text.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }) {
            throw SpecError(
                .documentContent, String(decoding: key, as: UTF8.self),
                "a plain integer is expected, not \(String(decoding: text, as: UTF8.self))")
        }
    }

    /// A string with its escapes undone, so that two spellings of one key are seen as one.
    private mutating func string() throws(SpecError) -> [UInt8] {
        try expect("\"")
        var result: [UInt8] = []
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return result
            case UInt8(ascii: "\\"): try escape(into: &result)
            case 0..<0x20: throw syntax("a control character in a string")
            default: result.append(byte)
            }
        }
        throw syntax("a string without its end")
    }

    private mutating func escape(into result: inout [UInt8]) throws(SpecError) {
        guard let byte = current else { throw syntax("a string without its end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"): try unicodeEscape(into: &result)
        default: throw syntax("\\\(UnicodeScalar(byte)) is no escape")
        }
    }

    /// `XXXX` of one unit of UTF-16, or of a pair; a half alone is no character, and readers disagree about it.
    private mutating func unicodeEscape(into result: inout [UInt8]) throws(SpecError) {
        var units = [try unit()]
        if UTF16.isLeadSurrogate(units[0]), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            units.append(try unit())
        }
        guard let text = String(validating: units, as: UTF16.self) else {
            throw syntax("half of a surrogate pair is no character")
        }
        result += Array(text.utf8)
    }

    private mutating func unit() throws(SpecError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw syntax("four hexadecimal digits are expected")
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}
