import Archive
import BuildModel
import LinuxSystem

/// What the sources of one COPY or ADD name: a list of files and folders, each with all that is in it.
struct CopySelection {
    /// One file of a selection.
    struct File {
        /// Path below the source: empty for the source itself.
        var path: Path
        /// Type, mode, owner, times, link target, attributes. Its own path is not set.
        var entry: ArchiveEntry
        /// Where a regular file's content is read.
        var content: Path?
        /// The content of a file that the definition itself holds.
        var bytes: [UInt8]?
        /// True where the file's time belongs to it: taken out of another stage or an archive, not out of a checkout.
        var keepsTime = false
        /// Tells apart the inodes of files that have several names; nil where there is one name only.
        var inode: Inode?
    }

    struct Inode: Hashable {
        let device: UInt64
        let number: UInt64
    }

    /// One source, after wildcards.
    struct Source {
        /// As written, for messages.
        var written: String
        /// The last component of what it named.
        var name: Path
        /// The source itself first, then what is below it in byte order.
        var files: [File]

        var isDirectory: Bool { files.first?.entry.type == .directory }
    }

    var sources: [Source]

    /// Adds the files that a definition holds.
    mutating func append(_ files: [InlineFile]) {
        for file in files {
            let entry = ArchiveEntry(path: "", type: .regular, mode: 0o644, size: Int64(file.content.count))
            sources.append(
                Source(
                    written: "<<\(file.name)", name: Path(file.name),
                    files: [File(path: "", entry: entry, bytes: file.content)]))
        }
    }

    /// Adds all that reaches the layer but times: names, types, modes, owners, links, attributes and content.
    func addContent(to key: inout StepKey.Builder, digest: (File) throws -> [UInt8]) rethrows {
        var numbers: [Inode: Int] = [:]
        for source in sources {
            key.add(source.written)
            key.add(bytes: source.name.bytes)
            key.add("\(source.files.count)")
            for file in source.files {
                let entry = file.entry
                key.add(bytes: file.path.bytes)
                key.add(
                    "\(entry.type) \(entry.mode) \(entry.uid) \(entry.gid) \(entry.device.major) \(entry.device.minor)")
                key.add(bytes: entry.linkTarget?.bytes ?? [])
                // A second name of a file is a hard link in the layer; an equal file is not.
                if let inode = file.inode {
                    if let number = numbers[inode] { key.add("name of \(number)") }
                    numbers[inode] = numbers[inode] ?? numbers.count
                }
                key.add("\(entry.attributes.count)")
                for attribute in entry.attributes {
                    key.add(bytes: attribute.name)
                    key.add(bytes: attribute.value)
                }
                if entry.type == .regular { key.add(bytes: try digest(file)) }
            }
        }
    }
}
