/// A file whose content stands in the definition itself, as the here-documents of a Dockerfile do.
package struct InlineFile: Hashable, Sendable {
    /// A single name, without "/".
    package var name: String
    /// The content, ready: nothing in it is expanded any more.
    package var content: [UInt8]

    /// Makes a file of this name and content.
    package init(name: String, content: [UInt8]) {
        self.name = name
        self.content = content
    }

    /// What is wrong with the name; nil where nothing is.
    var problem: String? {
        guard name.isEmpty || name == "." || name == ".." || name.utf8.contains(where: { $0 == 0x2F || $0 == 0 })
        else { return nil }
        return "\"\(name)\" cannot name an inline file"
    }
}
