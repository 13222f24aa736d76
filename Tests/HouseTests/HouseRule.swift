/// What a rule found: where, and what is wrong with it.
struct Violation: Hashable, CustomStringConvertible {
    let path: String
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// The rules of the house that can be read off a single file.
enum HouseRule {
    static let lineCap = 400
    static let medianCap = 120

    /// Imports go downwards, pure rooms stay pure, and nothing brings in Foundation.
    static func imports(_ file: SourceFile) -> [Violation] {
        let own = file.module
        guard let floor = FloorTable.floors[own] else {
            return [Violation(path: file.path, line: 1, message: "the target \(own) has no floor in FloorTable")]
        }
        return file.imports.compactMap { module, index in
            func violation(_ message: String) -> Violation {
                Violation(path: file.path, line: index + 1, message: message)
            }
            if FloorTable.pure.contains(own), FloorTable.impure.contains(module) {
                return violation("\(own) is pure and may not import \(module)")
            }
            if FloorTable.toolchain.contains(module) { return nil }
            if module == "Foundation" {
                return violation("one symbol of Foundation links ICU, 40 MB of it; use FoundationEssentials")
            }
            guard let below = FloorTable.floors[module] else {
                return violation("\(module) is not a room of the house")
            }
            return below < floor ? nil : violation("\(own) (floor \(floor)) imports \(module) (floor \(below))")
        }
    }

    /// Test files import no Foundation either: one of them would link it into the one test binary.
    static func foundation(_ file: SourceFile) -> [Violation] {
        file.imports.filter { $0.module == "Foundation" }.map {
            Violation(path: file.path, line: $0.line + 1, message: "Foundation is imported")
        }
    }

    static func length(_ file: SourceFile) -> [Violation] {
        guard file.lineCount > lineCap else { return [] }
        return [Violation(path: file.path, line: lineCap, message: "\(file.lineCount) lines; the cap is \(lineCap)")]
    }

    /// Nothing in the sources traps where an error could be thrown.
    static func traps(_ file: SourceFile) -> [Violation] {
        let forbidden = ["try!", "fatalError(", "as!", "preconditionFailure("]
        return file.code.enumerated().flatMap { index, line in
            forbidden.filter { contains(line, $0) }.map {
                Violation(path: file.path, line: index + 1, message: "\($0) traps on what may be bad input; throw")
            }
        }
    }

    /// A promise that the compiler cannot check is explained on its line or the line above.
    static func uncheckedSendable(_ file: SourceFile) -> [Violation] {
        file.code.enumerated().compactMap { index, line in
            guard contains(line, "@unchecked Sendable") || contains(line, "nonisolated(unsafe)") else { return nil }
            let above = index > 0 ? file.lines[index - 1].drop(while: { $0 == " " }) : ""
            guard !file.lines[index].contains("//"), !above.hasPrefix("//") else { return nil }
            return Violation(path: file.path, line: index + 1, message: "unchecked, and no comment says why it is safe")
        }
    }

    /// Names that say nothing about what a file holds.
    static func name(_ file: SourceFile) -> [Violation] {
        let name = file.path.split(separator: "/").last ?? ""
        return ["Util", "Helper", "Manager"].filter { name.contains($0) }.map {
            Violation(path: file.path, line: 1, message: "a file named after “\($0)” says nothing about what it holds")
        }
    }

    /// Whether `line` has `word` where it is not the tail of a longer word (`has!` is no `as!`).
    private static func contains(_ line: String, _ word: String) -> Bool {
        var rest = Substring(line)
        while let range = rest.firstRange(of: word) {
            let before = range.lowerBound > line.startIndex ? line[line.index(before: range.lowerBound)] : " "
            if !before.isLetter, !before.isNumber, before != "_" { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }

    /// The middle value; the lower of the two when their number is even.
    static func median(_ counts: [Int]) -> Int {
        counts.isEmpty ? 0 : counts.sorted()[(counts.count - 1) / 2]
    }
}
