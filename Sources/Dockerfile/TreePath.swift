/// Paths inside an image, by their text alone.
enum TreePath {
    /// An absolute path without empty, "." and ".." components; ".." stops at the root.
    static func clean(_ path: ByteText) -> ByteText {
        var kept: [ArraySlice<UInt8>] = []
        for component in path.split(separator: .slash) {
            if component.equals(".") { continue }
            if component.equals("..") {
                _ = kept.popLast()
            } else {
                kept.append(component)
            }
        }
        return kept.isEmpty ? [.slash] : kept.reduce(into: []) { $0 += [.slash] + $1 }
    }

    /// `path` as seen from `directory`, cleaned.
    static func join(_ directory: ByteText, _ path: ByteText) -> ByteText {
        clean(path.first == .slash ? path : directory + [.slash] + path)
    }

    /// A source below the root of its tree: cleaned, without the leading "/"; "." is the root itself.
    static func source(_ path: ByteText) -> ByteText {
        let cleaned = clean(path).dropFirst()
        return cleaned.isEmpty ? [UInt8(ascii: ".")] : ByteText(cleaned)
    }

    /// A source in the build context: the same, unless it leaves the context. Then it stays as written, for whoever
    /// knows the context to refuse; another file of that name within it is not what was meant.
    static func contextSource(_ path: ByteText) -> ByteText {
        var depth = 0
        for component in path.split(separator: .slash) where !component.equals(".") {
            depth += component.equals("..") ? -1 : 1
            if depth < 0 { return path }
        }
        return source(path)
    }
}
