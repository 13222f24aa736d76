import Archive
import LinuxSystem

/// Unpacks a layer, which may come from anybody, below a directory.
///
/// Every path is resolved as if the directory were the root of the file system; nothing outside is read or changed,
/// whatever the layer says. ".." in names is refused; the overlay's own attributes are dropped and its whiteout
/// devices refused; of entries with one name the last wins. Set-id bits and file capabilities are kept, so the
/// directory must not be open to other users.
package struct LayerApplier: Sendable {
    /// How deletions are carried out.
    package enum Form: Hashable, Sendable {
        /// The directory becomes one layer of an overlay mount: deletions are devices 0:0 and `…opaque` attributes.
        /// The prefix is "trusted.overlay.", or "user.overlay." for mounts with `userxattr`. The directory must be
        /// empty, and the layer is complete only after ``LayerApplier/adoptImplicitDirectories(_:root:lowers:)``.
        case overlay(attributePrefix: String = "trusted.overlay.")
        /// The directory is the merged tree of the layers below: deletions are done.
        case direct
    }

    /// Below which everything is made.
    package let root: Path
    package let form: Form
    package let limits: LayerLimits
    /// How owners, modes and devices are kept. With `.recorded` the owners of links go into a file beside `root`, see
    /// ``LinkOwners``.
    package let ownership: TreeOwnership
    /// How many threads make files beside the one that reads the layer. The outcome does not depend on it.
    package let threads: Int

    /// As many as help: creating files is the file system's work, and more threads wait for one another there.
    package static let usefulThreads = Processors.count > 1 ? min(Processors.count, 4) : 0

    /// Will unpack into the existing directory `root`.
    package init(
        root: Path, form: Form, limits: LayerLimits = .default, ownership: TreeOwnership = .real,
        threads: Int = usefulThreads
    ) {
        self.root = root
        self.threads = threads
        self.form = form
        self.limits = limits
        self.ownership = ownership
    }

    /// Unpacks an uncompressed layer; reads `tar` to its very end, so that a digest of it is a digest of all.
    ///
    /// On an error what was made so far is left for the caller to remove, and nothing more is made. Throws `LayersError`,
    /// `SystemError`, or the archive reader's error: of several the one that comes first in the layer.
    package func apply(_ tar: any ByteReader) throws -> AppliedLayer {
        let disk = try LayerDisk(root: root, form: form, ownership: ownership, threads: threads)
        var interpreter = LayerInterpreter(limits: limits, disk: disk)
        return try interpreter.run(tar)
    }
}

/// Makes a layer's table of contents from its tar alone: what ``LayerApplier`` would report, without a disk.
package enum TableScanner {
    /// Reads an uncompressed layer to its very end. Throws as ``LayerApplier/apply(_:)`` does.
    package static func scan(_ tar: any ByteReader, limits: LayerLimits = .default) throws -> TableOfContents {
        var interpreter = LayerInterpreter(limits: limits, disk: nil)
        return try interpreter.run(tar).contents
    }
}
