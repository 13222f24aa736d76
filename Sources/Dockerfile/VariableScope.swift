/// Variables by name, in the order in which they were first set.
struct VariableScope: Sendable {
    private(set) var names: [ByteText] = []
    private var values: [ByteText: ByteText] = [:]

    init() {}

    /// Reads "NAME=value" entries; one without "=" has an empty value.
    init(entries: [String]) {
        for entry in entries {
            let bytes = Array(entry.utf8)
            let equals = bytes.firstIndex(of: .equals) ?? bytes.count
            self[ByteText(bytes[..<equals])] = ByteText(bytes[equals...].dropFirst())
        }
    }

    subscript(name: ByteText) -> ByteText? {
        get { values[name] }
        set {
            if values.updateValue(newValue ?? [], forKey: name) == nil { names.append(name) }
            if newValue == nil {
                values[name] = nil
                names.removeAll { $0 == name }
            }
        }
    }

    /// "NAME=value" of each variable.
    var entries: [String] {
        names.map { ($0 + [.equals] + (values[$0] ?? [])).string }
    }
}
