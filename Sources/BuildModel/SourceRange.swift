/// The lines of a definition that a node or a message speaks of, counted from 1, both ends included.
package struct SourceRange: Hashable, Sendable, CustomStringConvertible {
    /// First line, from 1.
    package let first: Int
    /// Last line; never before `first`.
    package let last: Int

    /// Makes a range; an end before the beginning is taken as a single line.
    package init(first: Int, last: Int) {
        self.first = first
        self.last = max(first, last)
    }

    /// A single line.
    package init(line: Int) {
        self.init(first: line, last: line)
    }

    package var description: String { first == last ? "\(first)" : "\(first)-\(last)" }
}
