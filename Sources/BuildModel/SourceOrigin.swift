/// Where a program asked for a step: a file of its source, and the line, counted from 1.
package struct SourceOrigin: Hashable, Sendable, CustomStringConvertible {
    /// The file as the program's language names it ("my_chute.py", "MyModule/main.swift").
    package let file: String
    /// The line, from 1.
    package let line: Int

    /// Makes an origin.
    package init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    package var description: String { "\(file):\(line)" }
}
