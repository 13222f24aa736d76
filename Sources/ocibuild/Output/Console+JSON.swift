import FoundationEssentials

extension Console {
    /// Prints a value as JSON on standard output: one line, or laid out for people.
    func print(json value: some Encodable, pretty: Bool = false) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        print(Console.defused(String(decoding: try encoder.encode(value), as: UTF8.self)))
    }

    /// JSON text with what could steer a terminal written as `\u….`: such characters occur only within strings, where
    /// it means the same.
    static func defused(_ json: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in json.unicodeScalars {
            if TerminalText.isDisruptive(scalar) || scalar.value == 0x7F {
                let digits = String(scalar.value, radix: 16)
                result.append(
                    contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}
