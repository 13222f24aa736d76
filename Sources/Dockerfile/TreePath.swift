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

    /// A source below the root of its tree: cleaned, without the leading "/"; "." is the root itself. Leading ".." stay,
    /// so that whoever reads a build context can say that the source is outside of it.
    static func source(_ path: ByteText) -> ByteText {
        var above = 0
        var depth = 0
        for component in path.split(separator: .slash) where !component.equals(".") {
            depth += component.equals("..") ? -1 : 1
            above = max(above, -depth)
        }
        let cleaned = clean(path).dropFirst()
        let climb = ByteText(Array(repeating: Array("..".utf8), count: above).joined(separator: [.slash]))
        if above > 0 { return cleaned.isEmpty ? climb : climb + [.slash] + cleaned }
        return cleaned.isEmpty ? [UInt8(ascii: ".")] : ByteText(cleaned)
    }
}
