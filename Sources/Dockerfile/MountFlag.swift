/// The value of one `RUN --mount`, cut into its fields but not yet expanded.
struct MountFlag: Sendable, Hashable {
    /// Why a mount is none; the caller adds the place.
    struct Problem: Error {
        let message: String
        var suggestion: String?

        init(_ message: String, suggestion: String? = nil) {
            self.message = message
            self.suggestion = suggestion
        }
    }

    /// `key=value`, or a key alone.
    struct Field: Sendable, Hashable {
        let key: String
        let value: ByteText?
    }

    let text: String
    let fields: [Field]

    /// Keys, and what they are called in errors; several spellings mean the same.
    static let keys: [String: String] = [
        "type": "type", "from": "from", "source": "source", "src": "source", "target": "target", "dst": "target",
        "destination": "target", "readonly": "readonly", "ro": "readonly", "readwrite": "readwrite",
        "rw": "readwrite", "id": "id", "sharing": "sharing", "required": "required", "size": "size", "mode": "mode",
        "uid": "uid", "gid": "gid", "env": "env",
    ]

    private static let needsNoValue: Set<String> = ["readonly", "readwrite", "required"]

    init(_ text: String) throws(Problem) {
        self.text = text
        var fields: [Field] = []
        for part in try Self.split(Array(text.utf8)) {
            let name = part.prefix { $0 != .equals }.lowercased.string
            let value = part.firstIndex(of: .equals).map { ByteText(part[($0 + 1)...]) }
            guard let key = Self.keys[name] else {
                throw Problem(
                    "--mount has no key \"\(name)\"; its keys are \(Set(Self.keys.values).sorted().joined(separator: ", "))",
                    suggestion: NearMiss.of(name, among: Self.keys.keys.sorted()))
            }
            guard value != nil || Self.needsNoValue.contains(key) else {
                throw Problem("the key \(name) of --mount needs a value: \(name)=…")
            }
            fields.append(Field(key: key, value: value))
        }
        self.fields = fields
    }

    /// The stage or image that is named, which no variable may do: it decides what is built.
    func from() throws(Problem) -> ByteText? {
        guard let value = fields.last(where: { $0.key == "from" })?.value else { return nil }
        guard !value.isEmpty else { throw Problem("from= of --mount needs the name of a stage or image") }
        if let dollar = value.firstIndex(of: .dollar), dollar < value.count - 1 {
            throw Problem(
                "from=\(value.string) of --mount cannot hold a variable; name a stage that begins with it instead: "
                    + "FROM \(value.string) AS name")
        }
        return value
    }

    /// Whether all values are what they will be after expansion.
    var isPlain: Bool {
        !fields.contains { field in field.value?.contains { "$\\`'\"".utf8.contains($0) } ?? false }
    }

    /// Fields separated by commas; one in double quotes may hold commas, and a quote as two. See RFC 4180.
    private static func split(_ text: ByteText) throws(Problem) -> [ByteText] {
        let comma = UInt8(ascii: ",")
        var fields: [ByteText] = []
        var rest = text[...]
        while true {
            var field: ByteText = []
            if rest.first == .quote {
                rest = rest.dropFirst()
                while true {
                    guard let end = rest.firstIndex(of: .quote) else {
                        throw Problem("a quote in --mount=\(text.string) is not closed")
                    }
                    field += rest[..<end]
                    rest = rest[(end + 1)...]
                    guard rest.first == .quote else { break }
                    field.append(.quote)
                    rest = rest.dropFirst()
                }
                guard rest.isEmpty || rest.first == comma else {
                    throw Problem("in --mount=\(text.string) a comma must follow a closing quote")
                }
            } else {
                field = ByteText(rest.prefix { $0 != comma })
                rest = rest.dropFirst(field.count)
            }
            guard !field.isEmpty else { throw Problem("--mount=\(text.string) has an empty field") }
            fields.append(field)
            if rest.isEmpty { return fields }
            rest = rest.dropFirst()
        }
    }
}
