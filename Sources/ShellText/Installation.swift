/// A command that installs packages, as its package manager reads it.
struct Installation {
    /// Families of package managers whose arguments are alike.
    enum Family: Hashable {
        case apt, apk, dnf, zypper, pip, conda, uv, poetry
    }

    let family: Family
    /// The words that name packages, files and links.
    let packages: [String]
    /// What options say to install: the values of `-r`, `-e`, `--file` and the like.
    let files: [(option: String, value: String)]
    /// The options and their values, but for `files`.
    let options: [(name: String, value: String?)]
    /// The last word is an option whose value is missing.
    let lacksValue: Bool

    /// Nothing is named that could be installed.
    var isEmpty: Bool { packages.isEmpty && files.isEmpty }

    /// Reads `command`; nil if it installs nothing by its nature. `apt-get -f install` mends what is there and is none
    /// either.
    init?(_ command: SimpleCommand) {
        let command = command.unwrapped
        var arguments = command.arguments[...]
        guard let family = Self.family(command.name, &arguments) else { return nil }
        self.family = family
        var isVerb = false
        var packages: [String] = []
        var files: [(String, String)] = []
        var options: [(String, String?)] = []
        var lacksValue = false
        while let word = arguments.popFirst() {
            if word.hasPrefix("-"), word != "-" {
                let name = word.split(separator: "=", maxSplits: 1).first.map(String.init) ?? word
                let attached = name == word ? nil : String(word.dropFirst(name.count + 1))
                var value = attached
                if attached == nil, family.valued.contains(word) || family.sources.contains(word) {
                    value = arguments.popFirst()
                    lacksValue = value == nil
                }
                if family == .apt, name == "--fix-broken" || Self.cluster(name, has: "f") { return nil }
                if family.sources.contains(name), let value {
                    files.append((name, value))
                } else if family == .pip, word.hasPrefix("-r"), word.count > 2 {
                    files.append(("-r", String(word.dropFirst(2))))
                } else {
                    options.append((name, value))
                }
            } else if isVerb {
                packages.append(word)
            } else {
                guard family.verbs.contains(word) else { return nil }
                isVerb = true
            }
        }
        guard isVerb else { return nil }
        (self.packages, self.files, self.options, self.lacksValue) = (packages, files, options, lacksValue)
    }

    /// Whether a cluster of short options ("-qyf") has one of them.
    private static func cluster(_ word: String, has letter: Character) -> Bool {
        !word.hasPrefix("--") && word.allSatisfy { $0 == "-" || $0.isLetter } && word.contains(letter)
            && word.count <= 5
    }

    /// What kind of package manager `name` is; takes the words from `arguments` that only lead to it.
    private static func family(_ name: String, _ arguments: inout ArraySlice<String>) -> Family? {
        switch name {
        case "apt", "apt-get", "aptitude": return .apt
        case "apk": return .apk
        case "yum", "dnf", "dnf5", "microdnf", "tdnf": return .dnf
        case "zypper": return .zypper
        case "conda", "mamba", "micromamba": return .conda
        case "poetry", "pdm": return .poetry
        case "pipx": return .pip
        case "uv":
            guard arguments.first == "pip" else { return .uv }
            arguments.removeFirst()
            return .pip
        default: break
        }
        if name.hasPrefix("pip"), name.dropFirst(3).allSatisfy({ $0.isNumber || $0 == "." }) { return .pip }
        if name.hasPrefix("python"), name.dropFirst(6).allSatisfy({ $0.isNumber || $0 == "." }) {
            guard let module = arguments.firstIndex(of: "-m"),
                arguments.dropFirst(module + 1 - arguments.startIndex).first == "pip",
                arguments[..<module].allSatisfy({ $0.hasPrefix("-") })
            else { return nil }
            arguments = arguments[(module + 2)...]
            return .pip
        }
        return nil
    }
}
