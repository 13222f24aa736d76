/// The patterns of a `.dockerignore` file.
///
/// A path is ignored when the last pattern that matches it, or a directory above it, is not an exception ("!").
/// Matching works on bytes, without regular expressions, in time proportional to path times pattern.
package struct IgnorePatterns: Sendable {
    /// A pattern that cannot be understood.
    package struct Invalid: Error, Hashable, Sendable, CustomStringConvertible {
        /// The pattern as written.
        package let pattern: String
        /// Its line in the file, from 1; 0 when it came from elsewhere.
        package let line: Int
        /// What is wrong with it.
        package let message: String

        package var description: String {
            ".dockerignore\(line > 0 ? ":\(line)" : ""): the pattern \"\(pattern)\" \(message)"
        }
    }

    private let patterns: [IgnorePattern]
    private let exceptions: [IgnorePattern]

    /// Reads the content of a `.dockerignore` file: one pattern a line, "#" at the very start of a line begins a
    /// comment, blanks around a pattern do not count.
    package init(parsing bytes: [UInt8]) throws(Invalid) {
        var content = bytes[...]
        if content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
        var patterns: [IgnorePattern] = []
        var number = 0
        for line in content.split(separator: .newline, omittingEmptySubsequences: false) {
            number += 1
            if line.first == .hash { continue }
            if let pattern = try Self.pattern(line, number) { patterns.append(pattern) }
        }
        self.init(patterns)
    }

    /// Takes patterns that do not come from a file.
    package init(patterns texts: [[UInt8]]) throws(Invalid) {
        var patterns: [IgnorePattern] = []
        for text in texts {
            if let pattern = try Self.pattern(text[...], 0) { patterns.append(pattern) }
        }
        self.init(patterns)
    }

    private init(_ patterns: [IgnorePattern]) {
        self.patterns = patterns
        exceptions = patterns.filter(\.isException)
    }

    /// Whether there is no pattern at all.
    package var isEmpty: Bool { patterns.isEmpty }

    /// Whether `path` (relative to the context, "/" between components) is left out.
    package func ignores(_ path: [UInt8]) -> Bool {
        guard !patterns.isEmpty else { return false }
        let subject = IgnoreSubject(path)
        // The last match decides, so the search goes backwards and stops at the first.
        return patterns.last { $0.matches(subject) }.map { !$0.isException } ?? false
    }

    /// Whether an exception may match something below `directory`: if not, an ignored directory need not be entered.
    package func mayContainException(below directory: [UInt8]) -> Bool {
        guard !exceptions.isEmpty else { return false }
        let subject = IgnoreSubject(directory)
        let inside = IgnoreSubject(directory.last == .slash ? directory : directory + [.slash])
        return exceptions.contains { $0.matches(subject) || $0.mayMatch(below: inside) }
    }

    private static func pattern(_ text: ArraySlice<UInt8>, _ line: Int) throws(Invalid) -> IgnorePattern? {
        var body = text.trimmed
        if body.isEmpty { return nil }
        let isException = body.first == UInt8(ascii: "!")
        if isException { body = body.dropFirst().trimmed }
        guard !body.isEmpty else {
            throw Invalid(pattern: text.string, line: line, message: "is an exception without a pattern")
        }
        do throws(IgnorePattern.Malformed) {
            return try IgnorePattern(clean(body), isException: isException)
        } catch {
            throw Invalid(pattern: text.trimmed.string, line: line, message: error.message)
        }
    }

    /// Without empty and "." components, ".." folded, and without "/" at either end.
    private static func clean(_ pattern: ArraySlice<UInt8>) -> ByteText {
        var kept: [ArraySlice<UInt8>] = []
        for component in pattern.split(separator: .slash) where !component.equals(".") {
            if component.equals(".."), let last = kept.last, !last.equals("..") {
                kept.removeLast()
            } else if !(component.equals("..") && pattern.first == .slash) {
                kept.append(component)
            }
        }
        return kept.isEmpty ? [UInt8(ascii: ".")] : ByteText(kept.joined(separator: [.slash]))
    }
}
