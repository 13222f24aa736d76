import BuildModel

/// Reads the expanded fields of a `RUN --mount` as BuildKit does.
struct MountReader {
    private var values: [String: String] = [:]
    private var switches: [String: Bool] = [:]
    private let type: String

    /// Which keys each type has, besides `type`.
    private static let allowed: [String: Set<String>] = [
        "bind": ["target", "source", "from", "readonly", "readwrite"],
        "cache": [
            "target", "source", "from", "id", "sharing", "uid", "gid", "mode", "readonly", "readwrite",
        ],
        "tmpfs": ["target", "size", "readonly", "readwrite"],
        "secret": ["id", "source", "target", "env", "required", "uid", "gid", "mode", "readonly", "readwrite"],
        "ssh": ["id", "target", "required", "uid", "gid", "mode", "readonly", "readwrite"],
    ]

    static func read(
        _ flag: MountFlag, expand: (ByteText) throws(Diagnostic) -> ByteText
    ) throws -> RunMount {
        var values: [(key: String, value: String?)] = []
        for field in flag.fields { values.append((field.key, try field.value.map { try expand($0).string })) }
        return try MountReader(values).mount()
    }

    private init(_ fields: [(key: String, value: String?)]) throws(MountFlag.Problem) {
        let named = fields.last { $0.key == "type" }?.value ?? "bind"
        type = Array(named.utf8).lowercased.string
        let types = Self.allowed.keys.sorted()
        guard let allowed = Self.allowed[type] else {
            throw MountFlag.Problem(
                "--mount has no type \"\(named)\"; the types are \(types.joined(separator: ", "))",
                suggestion: NearMiss.of(named, among: types))
        }
        for (key, value) in fields where key != "type" {
            guard allowed.contains(key) else {
                let others = types.filter { Self.allowed[$0]?.contains(key) ?? false }
                throw MountFlag.Problem(
                    "\(key) means nothing for --mount=type=\(type); it belongs to \(others.joined(separator: ", "))")
            }
            switch key {
            case "readonly", "readwrite", "required": switches[key] = try Self.boolean(value, of: key)
            default: values[key] = value
            }
            // Whichever of the two comes last counts.
            if key == "readonly" { switches["readwrite"] = nil }
            if key == "readwrite" { switches["readonly"] = nil }
        }
    }

    private static func boolean(_ text: String?, of key: String) throws(MountFlag.Problem) -> Bool {
        switch text {
        case nil, "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        case let text?: throw MountFlag.Problem("\(key) of --mount takes true or false, not \"\(text)\"")
        }
    }

    private func mount() throws(MountFlag.Problem) -> RunMount {
        let isReadOnly = switches["readonly"] ?? switches["readwrite"].map { !$0 }
        switch type {
        case "cache":
            return .cache(
                RunMount.Cache(
                    target: try target(), id: values["id"], sharing: try sharing(), from: values["from"],
                    source: values["source"] ?? "", access: try access(), isReadOnly: isReadOnly ?? false))
        case "tmpfs": return .tmpfs(RunMount.Tmpfs(target: try target(), size: try size()))
        case "secret": return .secret(try secret())
        case "ssh":
            return .ssh(
                RunMount.SSH(
                    id: nonempty("id") ?? "default", target: nonempty("target"),
                    isRequired: switches["required"] ?? false, access: try access()))
        default:
            return .bind(
                RunMount.Bind(
                    target: try target(), source: values["source"] ?? "", from: values["from"],
                    isWritable: isReadOnly == false))
        }
    }

    private func nonempty(_ key: String) -> String? { values[key].flatMap { $0.isEmpty ? nil : $0 } }

    private func target() throws(MountFlag.Problem) -> String {
        guard let target = nonempty("target") else {
            throw MountFlag.Problem("--mount=type=\(type) needs a target: target=/path")
        }
        return target
    }

    private func secret() throws(MountFlag.Problem) -> RunMount.Secret {
        if values["source"] != nil, values["id"] != nil {
            throw MountFlag.Problem("id and source of --mount=type=secret mean the same; give one of them")
        }
        let last = nonempty("target").flatMap { Array($0.utf8).split(separator: .slash).last?.string }
        guard let id = nonempty("source") ?? nonempty("id") ?? last else {
            throw MountFlag.Problem("--mount=type=secret needs the name of the secret: id=NAME")
        }
        let variable = values["env"]
        if let variable, variable.isEmpty || variable.utf8.contains(.equals) {
            throw MountFlag.Problem("env=\(variable) of --mount is no name of a variable")
        }
        return RunMount.Secret(
            id: id, target: nonempty("target"), variable: variable, isRequired: switches["required"] ?? false,
            access: try access())
    }

    private func sharing() throws(MountFlag.Problem) -> RunMount.Sharing {
        guard let text = values["sharing"] else { return .shared }
        let names = RunMount.Sharing.allCases.map(\.rawValue)
        guard let sharing = RunMount.Sharing(rawValue: Array(text.utf8).lowercased.string) else {
            throw MountFlag.Problem(
                "sharing of --mount takes \(names.joined(separator: ", ")), not \"\(text)\"",
                suggestion: NearMiss.of(text, among: names))
        }
        return sharing
    }

    private func access() throws(MountFlag.Problem) -> RunMount.Access {
        func id(_ key: String) throws(MountFlag.Problem) -> UInt32? {
            guard let text = values[key] else { return nil }
            // The kernel takes the largest number for "leave it as it is".
            guard let number = UInt32(text), number != .max, text.utf8.first?.isDigit == true else {
                throw MountFlag.Problem("\(key) of --mount takes a number, not \"\(text)\"")
            }
            return number
        }
        var mode: UInt16?
        if let text = values["mode"] {
            guard let number = UInt16(text, radix: 8), number <= 0o7777, text.utf8.first?.isDigit == true else {
                throw MountFlag.Problem("mode of --mount takes an octal mode such as 0755, not \"\(text)\"")
            }
            mode = number
        }
        return RunMount.Access(uid: try id("uid"), gid: try id("gid"), mode: mode)
    }

    /// Bytes, or with a unit: 64m, 1.5GiB. A unit is a power of 1024, as in docker/go-units' RAMInBytes.
    private func size() throws(MountFlag.Problem) -> Int64? {
        guard let text = values["size"] else { return nil }
        let bytes = Array(text.utf8).lowercased
        let number = bytes.prefix { $0.isDigit || $0 == UInt8(ascii: ".") }
        let unit = bytes[number.count...].trimmed.string
        let powers = ["", "k", "m", "g", "t", "p"]
        let short =
            unit.hasSuffix("ib") ? String(unit.dropLast(2)) : unit.hasSuffix("b") ? String(unit.dropLast()) : unit
        guard let value = Double(number.string), let power = powers.firstIndex(of: short), unit != "ib" else {
            throw MountFlag.Problem("size of --mount takes a size such as 64m, not \"\(text)\"")
        }
        let total = (0..<power).reduce(value) { total, _ in total * 1024 }
        guard total < 0x1p60 else { throw MountFlag.Problem("size=\(text) of --mount is too large") }
        return Int64(total)
    }
}
