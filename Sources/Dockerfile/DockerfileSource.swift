/// A Dockerfile before it is read.
package struct DockerfileSource: Sendable, Hashable {
    /// What messages call it: the path as the user gave it.
    package var name: String
    /// Its content.
    package var bytes: [UInt8]

    /// Makes a source.
    package init(name: String = "Dockerfile", bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// Makes a source of a text.
    package init(name: String = "Dockerfile", text: String) {
        self.init(name: name, bytes: Array(text.utf8))
    }
}
