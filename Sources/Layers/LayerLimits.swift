/// How much one layer may ask for. A layer that asks for more is refused before it fills the disk.
package struct LayerLimits: Hashable, Sendable {
    /// Entries, deletions and directories that only the paths of others imply included.
    package var entries: Int
    /// Bytes of file content.
    package var bytes: Int64
    /// Levels of directories.
    package var depth: Int
    /// Bytes of the names and values of one file's extended attributes.
    package var attributeBytes: Int

    package init(
        entries: Int = 10_000_000, bytes: Int64 = 1 << 41, depth: Int = 2048, attributeBytes: Int = 1 << 20
    ) {
        self.entries = entries
        self.bytes = bytes
        self.depth = depth
        self.attributeBytes = attributeBytes
    }

    /// The longest path and link target in bytes; Linux takes none that is longer (PATH_MAX, less the NUL at its end).
    static let pathBytes = 4095

    /// Far above any real layer: ten million entries, 2 TiB, 2048 levels, 1 MiB of attributes.
    package static let `default` = LayerLimits()
}
