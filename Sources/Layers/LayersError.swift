/// What went wrong with a layer, a changeset or a table of contents: a stable code, the subject, and plain words.
package struct LayersError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The stable names of the failures.
    package enum Code: String, Sendable {
        /// A path that leads out of the tree, is too deep, or cannot be a name.
        case unsafePath = "layer.unsafe-path"
        /// A whiteout or opaque marker that hides nothing nameable.
        case invalidWhiteout = "layer.invalid-whiteout"
        /// An entry that contradicts an earlier one, such as a file used as a directory.
        case invalidEntry = "layer.invalid-entry"
        /// A hard link whose target exists nowhere.
        case missingLinkTarget = "layer.missing-link-target"
        /// Too many entries, bytes, levels or attributes.
        case limit = "layer.limit"
        /// More than 40 symbolic links in one path.
        case symlinkLoop = "layer.symlink-loop"
        /// A file that grew or shrank while it was read.
        case unstableFile = "layer.unstable-file"
        /// Entries given to the writer in another order than byte order of their paths.
        case outOfOrder = "layer.out-of-order"
        /// A stored table of contents that cannot be read back.
        case corruptTable = "layer.corrupt-table"
        /// An owner that the user namespace of the process does not have.
        case unmappedOwner = "layer.unmapped-owner"
        /// A file of owners of links that cannot be read back.
        case corruptOwners = "layer.corrupt-owners"
        /// A user or group that the image does not know.
        case unknownAccount = "layer.unknown-account"
        /// A user, group or id that cannot be one.
        case invalidAccount = "layer.invalid-account"
    }

    /// The stable name of the failure.
    package let code: Code
    /// The path, user or file that it is about.
    package let subject: String
    /// What was found, what was expected, and what to do.
    package let message: String

    package init(_ code: Code, _ subject: some CustomStringConvertible, _ message: String) {
        self.code = code
        self.subject = subject.description
        self.message = message
    }

    package var description: String { "\(subject.isEmpty ? "/" : subject): \(message)" }
}
