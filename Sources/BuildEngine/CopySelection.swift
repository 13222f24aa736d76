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
        /// Of a regular file of the context: what it was when it was chosen.
        var identity: FileIdentity?
        /// The digest of its content, where it is known; of every such file once
        /// ``ContentDigests/completed(_:threads:)`` has seen the selection.
        var digest: ContentDigest?
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
    func addContent(to key: inout StepKey.Builder) {
        var numbers: [Inode: Int] = [:]
        for source in sources {
            key.add(source.written)
            key.add(bytes: source.name.bytes)
            key.add(number: source.files.count)
            for file in source.files {
                key.add(bytes: file.path.bytes)
                let entry = file.entry
                key.add(number: entry.type.keyNumber)
                key.add(number: entry.mode)
                key.add(number: entry.uid)
                key.add(number: entry.gid)
                key.add(number: entry.device.major)
                key.add(number: entry.device.minor)
                if let target = entry.linkTarget { key.add(bytes: target.bytes) } else { key.add(number: 0) }
                // A second name of a file is a hard link in the layer; an equal file is not.
                var former = 0
                if let inode = file.inode {
                    former = numbers[inode] ?? 0
                    if former == 0 { numbers[inode] = numbers.count + 1 }
                }
                key.add(number: former)
                key.add(number: entry.attributes.count)
                for attribute in entry.attributes {
                    key.add(bytes: attribute.name)
                    key.add(bytes: attribute.value)
                }
                key.add(number: UInt8(file.digest == nil ? 0 : 1))
                file.digest?.withBytes { key.append($0) }
            }
        }
    }

    /// Adds the times of the files.
    func addTimes(to key: inout StepKey.Builder) {
        for source in sources {
            for file in source.files {
                key.add(number: file.entry.modified.seconds)
                key.add(number: file.entry.modified.nanoseconds)
            }
        }
    }

    /// False where a file of the context was written to, renamed or replaced since it was chosen: then a layer made of
    /// it is not what the key promises. Stats every such file.
    var isUnchanged: Bool {
        sources.allSatisfy { source in
            source.files.allSatisfy { file in
                guard let identity = file.identity, let content = file.content else { return true }
                return (try? FileSystem.status(content)).map(FileIdentity.init) == identity
            }
        }
    }
}

extension EntryType {
    /// What stands for the type in keys, and never changes.
    fileprivate var keyNumber: UInt8 {
        switch self {
        case .regular: 0
        case .directory: 1
        case .symlink: 2
        case .hardLink: 3
        case .fifo: 4
        case .characterDevice: 5
        case .blockDevice: 6
        }
    }
}
