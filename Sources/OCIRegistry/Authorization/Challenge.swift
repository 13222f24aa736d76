/// One way to prove who we are, as offered in a WWW-Authenticate field (RFC 9110, 11.6.1).
package struct Challenge: Hashable, Sendable {
    /// The scheme in lower case: `bearer`, `basic`, …
    package var scheme: String
    /// The parameters, names in lower case; of a name given twice, the first.
    package var parameters: [String: String]

    /// An offer with its parts.
    package init(scheme: String, parameters: [String: String] = [:]) {
        self.scheme = scheme
        self.parameters = parameters
    }

    /// All challenges in the given fields. Whatever does not follow the grammar is passed over: an offer that cannot be
    /// understood is an offer that is not taken.
    package static func parse(_ fields: [String]) -> [Challenge] {
        fields.flatMap { field in
            var scanner = Scanner(bytes: Array(field.utf8.prefix(16 << 10)))
            return scanner.challenges()
        }
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func challenges() -> [Challenge] {
            var result: [Challenge] = []
            while position < bytes.count {
                skip { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: ",") }
                let name = token()
                guard !name.isEmpty else {
                    position += 1
                    continue
                }
                skip { $0 == 0x20 || $0 == 0x09 }
                if position < bytes.count, bytes[position] == UInt8(ascii: "="), !result.isEmpty {
                    position += 1
                    skip { $0 == 0x20 || $0 == 0x09 }
                    let value = position < bytes.count && bytes[position] == UInt8(ascii: "\"") ? quoted() : token()
                    let last = result.count - 1
                    if result[last].parameters[name.lowercased()] == nil {
                        result[last].parameters[name.lowercased()] = value
                    }
                } else {
                    result.append(Challenge(scheme: name.lowercased()))
                }
            }
            return result
        }

        private mutating func skip(_ matches: (UInt8) -> Bool) {
            while position < bytes.count, matches(bytes[position]) { position += 1 }
        }

        private mutating func token() -> String {
            let start = position
            skip { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
                default: "!#$%&'*+-.^_`|~/:".utf8.contains(byte)
                }
            }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }

        private mutating func quoted() -> String {
            var value: [UInt8] = []
            position += 1
            while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
                if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count { position += 1 }
                value.append(bytes[position])
                position += 1
            }
            position += 1
            return String(decoding: value, as: UTF8.self)
        }
    }
}
