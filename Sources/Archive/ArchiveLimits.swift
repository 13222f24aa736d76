/// How much an archive may ask for before it is refused.
package struct ArchiveLimits: Hashable, Sendable {
    /// Bytes of one extended header, long name or sparse map; they are held in memory.
    package var headerBytes: Int
    /// Entries.
    package var entries: Int
    /// Bytes of content with holes expanded, headers and whatever follows the end mark.
    package var totalBytes: Int64

    package init(headerBytes: Int = 1 << 20, entries: Int = 10_000_000, totalBytes: Int64 = 1 << 41) {
        self.headerBytes = headerBytes
        self.entries = entries
        self.totalBytes = totalBytes
    }

    /// 1 MiB a header, ten million entries, 2 TiB.
    package static let `default` = ArchiveLimits()
}
