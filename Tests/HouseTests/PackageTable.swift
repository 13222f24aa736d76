/// The rooms as `Package.swift` declares them: each target with the names it depends on.
struct PackageTable {
    let dependencies: [String: [String]]

    /// Reads the `room(`, `library(` and `.target(`/`.executableTarget(` declarations of a manifest's text,
    /// up to the test targets.
    init(parsing manifest: String) {
        var dependencies: [String: [String]] = [:]
        // Products have lists of targets too: the package's own is the one at its own depth.
        let start = manifest.firstRange(of: "\n    targets: [")?.lowerBound ?? manifest.startIndex
        let targets = String(manifest[start...]).components(after: "targets: [", before: "Tests mirror the rooms")
        var current: String?
        var expectsName = false
        for token in Self.tokens(targets) {
            switch token {
            case .word("room"), .word("library"), .word("target"), .word("executableTarget"): expectsName = true
            case .word("swiftSettings"), .word("cSettings"), .word("pkgConfig"), .word("debian"): current = nil
            case .word: continue
            case .string(let name):
                if expectsName {
                    current = name
                    dependencies[name] = []
                    expectsName = false
                } else if let current {
                    dependencies[current]?.append(name)
                }
            }
        }
        self.dependencies = dependencies
    }

    private enum Token { case word(String), string(String) }

    private static func tokens(_ text: Substring) -> [Token] {
        var tokens: [Token] = []
        var rest = text
        while let first = rest.first {
            if rest.hasPrefix("//") {
                rest = rest.drop(while: { $0 != "\n" })
            } else if first == "\"" {
                let body = rest.dropFirst().prefix(while: { $0 != "\"" })
                tokens.append(.string(String(body)))
                rest = rest[body.endIndex...].dropFirst()
            } else if first.isLetter {
                let word = rest.prefix(while: { $0.isLetter || $0.isNumber })
                tokens.append(.word(String(word)))
                rest = rest[word.endIndex...]
            } else {
                rest = rest.dropFirst()
            }
        }
        return tokens
    }

    /// Dependencies that do not go downwards, and rooms without a floor.
    var violations: [String] {
        dependencies.flatMap { name, needed -> [String] in
            guard let floor = FloorTable.floors[name] else { return ["\(name) has no floor in FloorTable"] }
            return needed.compactMap { other in
                guard let below = FloorTable.floors[other] else { return "\(name) depends on \(other), no room" }
                return below < floor ? nil : "\(name) (floor \(floor)) depends on \(other) (floor \(below))"
            }
        }.sorted()
    }
}

extension String {
    /// What lies between the first `start` and the next `end`; to the end of the text without one.
    fileprivate func components(after start: String, before end: String) -> Substring {
        guard let from = firstRange(of: start)?.upperBound else { return "" }
        let rest = self[from...]
        return rest[..<(rest.firstRange(of: end)?.lowerBound ?? rest.endIndex)]
    }
}
