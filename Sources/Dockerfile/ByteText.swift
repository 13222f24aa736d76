/// Text of a Dockerfile as bytes. In a Swift `String` CR LF is one character and two spellings of "é" are equal;
/// here neither holds, so a text stays bytes until it leaves the room.
typealias ByteText = [UInt8]

extension UInt8 {
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let slash = UInt8(ascii: "/")
    static let backslash = UInt8(ascii: "\\")
    static let backtick = UInt8(ascii: "`")
    static let quote = UInt8(ascii: "\"")
    static let apostrophe = UInt8(ascii: "'")
    static let dollar = UInt8(ascii: "$")
    static let hash = UInt8(ascii: "#")
    static let equals = UInt8(ascii: "=")
    static let star = UInt8(ascii: "*")

    /// Space, tab, vertical tab, form feed, carriage return or newline.
    var isBlank: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
    /// ASCII lower case of an upper case letter, anything else unchanged.
    var lowercased: UInt8 { (0x41...0x5A).contains(self) ? self + 0x20 : self }
}

extension Collection<UInt8> {
    /// The text as a `String`; it was checked to be UTF-8 when the file was read.
    var string: String { String(decoding: self, as: UTF8.self) }

    /// ASCII lower case.
    var lowercased: ByteText { map(\.lowercased) }
}

extension BidirectionalCollection<UInt8> {
    /// Without blanks at either end.
    var trimmed: SubSequence {
        let start = firstIndex { !$0.isBlank } ?? endIndex
        let end = lastIndex { !$0.isBlank }.map { index(after: $0) } ?? start
        return self[start..<end]
    }
}

extension Collection<UInt8> {
    /// Whether it begins with the bytes of `prefix`.
    func begins(with prefix: StaticString) -> Bool {
        starts(with: UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount))
    }

    /// Whether it is the bytes of `text`.
    func equals(_ text: StaticString) -> Bool {
        elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

extension ArraySlice<UInt8> {
    /// The words between runs of blanks.
    var blankSeparated: [ByteText] { split { $0.isBlank }.map { ByteText($0) } }
}

extension [UInt8] {
    /// The words between runs of blanks.
    var blankSeparated: [ByteText] { self[...].blankSeparated }
}
