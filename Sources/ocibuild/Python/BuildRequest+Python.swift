import LinuxSystem
import OCIBuild

extension BuildRequest {
    /// Finds the Python definition that the command line names, as an operand or as --file; the result is the operands
    /// that are left.
    mutating func readPython(_ arguments: Arguments) throws -> [Word] {
        var operands = arguments.operands
        if let word = file, let definition = PythonDefinition(word) {
            // A Dockerfile may have an odd name; it has no name that ends in .py.
            if word.bytes.suffix(3) == Array(".py".utf8)[...] || !FileSystem.exists(Path(bytes: word.bytes)) {
                python = definition
                file = nil
            }
        }
        // A folder is a context, whatever its name.
        guard let word = operands.first, let definition = PythonDefinition(word),
            (try? FileSystem.status(Path(bytes: word.bytes), following: true))?.type != .directory
        else { return operands }
        guard python == nil, file == nil, plan == nil else {
            let other = plan == nil ? "--file" : "--plan"
            throw session.failure("\"\(word.shown)\" and \(other) name two definitions: give one")
        }
        python = definition
        operands.removeFirst()
        return operands
    }

    /// What --include-cwd asks for: the current folder, and no ignore file.
    mutating func readWholeFolder(_ arguments: Arguments, _ context: Word) throws {
        guard arguments.isOn(PythonFlags.includeCwd) else { return }
        guard context == Word(".") else {
            throw session.failure(
                "--include-cwd makes the current folder the context, but \"\(context.shown)\" is given as it")
        }
        options.ignoreFile = "/dev/null"
    }

    /// Whether a name is only a tag, where the image has a name of its own.
    static func isBareTag(_ text: String) -> Bool {
        !text.isEmpty && !text.contains { ":/@".contains($0) }
    }
}
