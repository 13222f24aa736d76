import LinuxSystem

/// A hard link whose target lies in a layer below.
package struct DeferredLink: Hashable, Sendable {
    /// The new name.
    package var path: Path
    /// The file that it names, with the symbolic links of its own layer resolved.
    package var target: Path

    package init(path: Path, target: Path) {
        self.path = path
        self.target = target
    }
}

/// What unpacking a layer found out.
package struct AppliedLayer: Sendable {
    /// What the layer contains.
    package var contents: TableOfContents
    /// Directories that the layer uses without describing them, outermost first, "" for the root among them. In
    /// overlay form they were made with mode 0755, owner 0:0 and time 0, until
    /// ``LayerApplier/adoptImplicitDirectories(_:root:lowers:)`` gives them what the layers below say.
    package var implicitDirectories: [Path]
    /// Hard links to files of the layers below, not made yet.
    package var deferredLinks: [DeferredLink]
    /// Bytes of file content, holes counted.
    package var contentSize: Int64

    package init(
        contents: TableOfContents, implicitDirectories: [Path] = [], deferredLinks: [DeferredLink] = [],
        contentSize: Int64 = 0
    ) {
        self.contents = contents
        self.implicitDirectories = implicitDirectories
        self.deferredLinks = deferredLinks
        self.contentSize = contentSize
    }
}
