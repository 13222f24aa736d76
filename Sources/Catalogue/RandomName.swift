import Codecs
import OCISpec

/// Names that nobody chooses: lower-case letters and digits.
package enum RandomName {
    /// Of an image's or user's id, after its prefix: 62 bits.
    package static let idLength = 12
    /// Of a writer: 82 bits.
    package static let writerLength = 16
    /// Of an image's repository: 103 bits, so that it is also nobody else's.
    package static let repositoryLength = 20

    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)

    /// A new one.
    package static func make(_ length: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return String(
            decoding: (0..<length).map { _ in alphabet.randomElement(using: &generator) ?? 0x30 }, as: UTF8.self)
    }

    /// The one that belongs to `text`, on every machine.
    package static func derived(from text: String, _ length: Int) -> String {
        // Two hexadecimal digits choose one of 36 characters; the slight unevenness does no harm to a name.
        let hex = Digest.sha256(of: Array(text.utf8)).hex.utf8.map { Int($0 < 0x3A ? $0 - 0x30 : $0 - 0x57) }
        return String(
            decoding: (0..<min(length, 32)).map { alphabet[(hex[2 * $0] * 16 + hex[2 * $0 + 1]) % 36] }, as: UTF8.self)
    }

    /// Whether `text` has that form.
    package static func isOne(_ text: some StringProtocol, _ length: Int) -> Bool {
        text.utf8.count == length
            && text.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x7A) }
    }
}
