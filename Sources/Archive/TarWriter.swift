import LinuxSystem

/// Writes a tar whose bytes depend on the entries alone: ustar headers, PAX records only for what ustar cannot say,
/// whole seconds, no user or group names. See pax(1) and
/// https://github.com/opencontainers/image-spec/blob/main/layer.md
package final class TarWriter {
    private let output: any ByteWriter
    private var remaining: Int64 = 0
    private var padding = 0
    private var current: Path?

    /// Writes to `output`, which is not closed.
    package init(_ output: any ByteWriter) { self.output = output }

    /// Begins an entry; for a regular file, exactly `entry.size` bytes must be written before the next.
    package func append(_ entry: ArchiveEntry) throws {
        try completeEntry()
        var records = PaxRecords()
        var header = UstarHeader(type: entry.type)
        var name = entry.path.isEmpty ? Array(".".utf8) : entry.path.bytes
        if entry.type == .directory { name.append(UInt8(ascii: "/")) }
        if !header.setName(name) { records.addText("path", name) }
        if let target = entry.linkTarget?.bytes, entry.type == .symlink || entry.type == .hardLink {
            if !header.setLinkTarget(target) { records.addText("linkpath", target) }
        }
        header.setMode(entry.mode)
        if !header.setOwner(entry.uid) { records.add("uid", Array(String(entry.uid).utf8)) }
        if !header.setGroup(entry.gid) { records.add("gid", Array(String(entry.gid).utf8)) }
        let size = entry.type == .regular ? entry.size : 0
        if !header.setSize(size) { records.add("size", Array(String(size).utf8)) }
        if !header.setModified(entry.modified.seconds) {
            records.add("mtime", Array(String(entry.modified.seconds).utf8))
        }
        if entry.type == .characterDevice || entry.type == .blockDevice {
            guard header.setDevice(entry.device) else {
                throw ArchiveError(
                    .outOfRange, entry.path,
                    "the device number \(entry.device.major):\(entry.device.minor) is too large for a tar")
            }
        }
        for attribute in entry.attributes.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            try records.addAttribute(attribute, of: entry.path)
        }
        if !records.isEmpty { try write(records) }
        try output.write(header.bytes)
        current = entry.path
        remaining = size
        padding = Self.padding(for: size)
    }

    /// Writes content of the entry begun last.
    package func write(_ content: UnsafeRawBufferPointer) throws {
        guard Int64(content.count) <= remaining else {
            throw ArchiveError(
                .wrongSize, current,
                "the file is longer than the \(remaining) bytes that were left of its announced size")
        }
        remaining -= Int64(content.count)
        try output.write(content)
    }

    /// Ends the archive: two blocks of zeros.
    package func finish() throws {
        try completeEntry()
        try output.write([UInt8](repeating: 0, count: 1024))
    }

    private func completeEntry() throws {
        guard remaining == 0 else {
            throw ArchiveError(.wrongSize, current, "the file is \(remaining) bytes shorter than its announced size")
        }
        if padding > 0 { try output.write([UInt8](repeating: 0, count: padding)) }
        padding = 0
    }

    private func write(_ records: PaxRecords) throws {
        let body = records.bytes
        var header = UstarHeader(pax: ())
        _ = header.setSize(Int64(body.count))
        try output.write(header.bytes)
        try output.write(body)
        let padding = Self.padding(for: Int64(body.count))
        if padding > 0 { try output.write([UInt8](repeating: 0, count: padding)) }
    }

    private static func padding(for size: Int64) -> Int { Int((512 - size % 512) % 512) }
}
