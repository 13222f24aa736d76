import LinuxSystem

/// An image that a Python file defines: the file, and the name it has there.
struct PythonDefinition: Equatable {
    /// The file, as it is to be shown.
    let file: Path
    /// What the file's module is called.
    let module: String
    /// The folder that the file's own imports begin at.
    let root: Path
    /// The image's name, dots between attributes; empty for the only image of the file.
    let attribute: String
    /// How it was written.
    let written: String

    /// The definition that a word of the command line names: `FILE.py`, `FILE.py:NAME` or, as Python has it,
    /// `MODULE:NAME`. Nil where it is none of these.
    init?(_ word: Word) {
        guard let text = word.text, !text.isEmpty else { return nil }
        written = text
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let place = parts.dropLast().joined(separator: ":")
        if text.hasSuffix(".py") || (place.hasSuffix(".py") && Self.isDotted(parts.last ?? "")) {
            attribute = text.hasSuffix(".py") ? "" : String(parts.last ?? "")
            file = Path(text.hasSuffix(".py") ? text : place)
            root = file.parent ?? "."
            module = String((file.lastComponent?.string ?? "definition.py").dropLast(3)).map {
                $0 == "." ? "_" : "\($0)"
            }
            .joined()
            return
        }
        guard parts.count == 2, Self.isDotted(parts[0]), Self.isDotted(parts[1]) else { return nil }
        let path = parts[0].split(separator: ".").joined(separator: "/")
        let package = Path(path + "/__init__.py")
        file = FileSystem.exists(package) ? package : Path(path + ".py")
        root = "."
        module = String(parts[0])
        attribute = String(parts[1])
    }

    /// Whether text is Python names with dots between them.
    private static func isDotted(_ text: some StringProtocol) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { name in
            name.first.map { $0 == "_" || $0.isLetter } == true
                && name.allSatisfy { $0 == "_" || $0.isLetter || $0.isNumber }
        }
    }

    /// Fails, saying what to do, unless the file is there.
    func check() throws {
        if let status = try FileSystem.statusIfPresent(file, following: true) {
            guard status.type != .directory else { throw CommandError("\"\(file)\" is a folder, not a Python file") }
            return
        }
        let folder = file.parent ?? "."
        let names = ((try? DirectoryListing.entries(at: folder)) ?? []).compactMap(\.name.string)
        let question = Suggestion.question(
            for: file.lastComponent?.string ?? "", among: names.filter { $0.hasSuffix(".py") })
        let place = file.isAbsolute ? "" : ", looked for from the current folder"
        throw CommandError(
            "there is no file \"\(file)\" for \(TerminalText.escape(written)): a Python definition is FILE.py:NAME or "
                + "MODULE:NAME\(place).\(question)")
    }
}
