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
            let folded = name.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 0x20 : $0 }
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
        guard byte == UInt8(ascii: "u") else {
            // Only equality with other keys matters here, so the short escapes may stand for themselves.
            let plain = byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "/")
            result += plain ? [byte] : [UInt8(ascii: "\\"), byte]
            return
        }
        guard position + 4 <= bytes.count,
            let text = String(validating: bytes[position..<(position + 4)], as: UTF8.self),
            let unit = UInt16(text, radix: 16)
        else { throw syntax("four hexadecimal digits are expected") }
        position += 4
        if let scalar = Unicode.Scalar(unit) {
            result += Array(String(Character(scalar)).utf8)
        } else {
            result += [UInt8(ascii: "\\"), UInt8(unit >> 8), UInt8(unit & 0xFF)]
        }
    }
}
