import Glibc

/// One file of the repository, as the house rules look at it.
struct SourceFile: Sendable {
    /// Its path below the repository's root, such as `Sources/Layers/LayerWriter.swift`.
    let path: String
    /// Its lines as written.
    let lines: [String]
    /// The same lines with comments removed and the content of string literals blanked.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        code = CodeText.stripped(text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The number of lines; a final newline does not begin another.
    var lineCount: Int { lines.last == "" ? lines.count - 1 : lines.count }

    /// The target the file belongs to: the folder below `Sources` or `Tests`.
    var module: String {
        let parts = path.split(separator: "/")
        return parts.count > 1 ? String(parts[1]) : ""
    }

    /// The modules that the file imports, each with the index of its line.
    var imports: [(module: String, line: Int)] {
        code.enumerated().compactMap { index, line in
            var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ";" })
            while let word = words.first, word.hasPrefix("@") || Self.importModifiers.contains(String(word)) {
                words.removeFirst()
            }
            guard words.first == "import" else { return nil }
            words.removeFirst()
            if let kind = words.first, Self.importKinds.contains(String(kind)) { words.removeFirst() }
            guard let name = words.first?.split(separator: ".").first else { return nil }
            return (String(name), index)
        }
    }

    private static let importModifiers: Set<String> = [
        "public", "package", "internal", "fileprivate", "private", "implementation",
    ]
    private static let importKinds: Set<String> = [
        "struct", "class", "enum", "protocol", "func", "let", "var", "typealias", "actor",
    ]
}

/// The files of the repository, read from disk.
enum Repository {
    /// The repository's root, found from where this file was compiled.
    static let root: String = {
        var parts = #filePath.split(separator: "/")
        parts.removeLast(3)
        return "/" + parts.joined(separator: "/")
    }()

    /// Every file below `directory` (relative to the root) whose name ends in one of `endings`, in path order.
    static func files(in directory: String, endings: [String]) -> [SourceFile] {
        var found: [SourceFile] = []
        for name in names(in: "\(root)/\(directory)") where !name.hasPrefix(".") {
            let path = "\(directory)/\(name)"
            if isDirectory("\(root)/\(path)") {
                found += files(in: path, endings: endings)
            } else if endings.contains(where: name.hasSuffix), let text = text(of: path) {
                found.append(SourceFile(path: path, text: text))
            }
        }
        return found
    }

    /// The names of what is in an absolute directory, sorted; empty when it cannot be read.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let capacity = MemoryLayout.size(ofValue: entry.pointee.d_name)
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: capacity) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The text of a file below the root, nil when it cannot be read.
    static func text(of path: String) -> String? {
        guard let file = fopen("\(root)/\(path)", "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
