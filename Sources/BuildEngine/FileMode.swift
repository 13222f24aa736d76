/// What COPY's `--chmod` asks for: an octal mode, or clauses like `u=rwX,go=rX`. See chmod(1).
struct FileMode {
    private enum Action {
        case set(UInt16)
        case clauses([Clause])
    }

    private struct Clause {
        var who: UInt16
        var operation: UInt8
        var permissions: [UInt8]
    }

    private let action: Action

    /// Reads a mode; throws an ``EngineError`` for what is none.
    init(_ text: String) throws {
        let bytes = Array(text.utf8)
        if !bytes.isEmpty, bytes.count <= 5, bytes.allSatisfy({ $0 >= 0x30 && $0 <= 0x37 }),
            let mode = UInt16(text, radix: 8), mode <= 0o7777
        {
            action = .set(mode)
            return
        }
        var clauses: [Clause] = []
        for part in bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            var who: UInt16 = 0
            var rest = part[...]
            while let letter = rest.first, let bits = Self.classes[letter] {
                who |= bits
                rest.removeFirst()
            }
            // One class may have several operations: u+x-w.
            repeat {
                guard let operation = rest.popFirst(), "+-=".utf8.contains(operation) else { throw Self.invalid(text) }
                let permissions = rest.prefix { "rwxXstugo".utf8.contains($0) }
                rest = rest.dropFirst(permissions.count)
                clauses.append(
                    Clause(who: who == 0 ? 0o7777 : who, operation: operation, permissions: Array(permissions)))
            } while !rest.isEmpty
        }
        action = .clauses(clauses)
    }

    private static func invalid(_ text: String) -> EngineError {
        EngineError(
            .badMode, text,
            "\"\(text)\" is not a file mode: write it in octal, as in --chmod=755, or as clauses, as in --chmod=u=rwX,go=rX"
        )
    }

    private static let classes: [UInt8: UInt16] = [
        UInt8(ascii: "u"): 0o4700, UInt8(ascii: "g"): 0o2070, UInt8(ascii: "o"): 0o1007, UInt8(ascii: "a"): 0o7777,
    ]

    /// The mode that a file of `mode` gets.
    func applied(to mode: UInt16, isDirectory: Bool) -> UInt16 {
        switch action {
        case .set(let mode): return mode
        case .clauses(let clauses):
            return clauses.reduce(mode) { mode, clause in
                var bits: UInt16 = 0
                for permission in clause.permissions {
                    switch permission {
                    case UInt8(ascii: "r"): bits |= 0o444
                    case UInt8(ascii: "w"): bits |= 0o222
                    case UInt8(ascii: "x"): bits |= 0o111
                    case UInt8(ascii: "X"): bits |= isDirectory || mode & 0o111 != 0 ? 0o111 : 0
                    case UInt8(ascii: "s"): bits |= 0o6000
                    case UInt8(ascii: "u"): bits |= (mode >> 6 & 7) * 0o111
                    case UInt8(ascii: "g"): bits |= (mode >> 3 & 7) * 0o111
                    case UInt8(ascii: "o"): bits |= (mode & 7) * 0o111
                    default: bits |= 0o1000
                    }
                }
                bits &= clause.who
                switch clause.operation {
                case UInt8(ascii: "+"): return mode | bits
                case UInt8(ascii: "-"): return mode & ~bits
                default: return (mode & ~clause.who) | bits
                }
            }
        }
    }
}
