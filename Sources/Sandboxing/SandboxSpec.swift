import LinuxSystem

/// The file tree that becomes a step's root.
package enum RootTree: Hashable, Sendable {
    /// Layers under one directory that takes the changes. `lowers` are topmost first, and there is at least one;
    /// `upper` and `work` are on one file system, and `work` is empty. `base` is a directory above them: the sandbox
    /// names them relative to it, which keeps the mount options short.
    case overlay(lowers: [Path], upper: Path, work: Path, base: Path)
    /// A plain directory that the step changes in place.
    case directory(Path)
}

/// The network that a step sees.
package enum SandboxNetwork: String, Hashable, Sendable {
    /// The host's own.
    case host
    /// A loopback interface and nothing else.
    case none
}

/// Who runs a step's command. The numbers are those seen in the tree.
package struct SandboxUser: Hashable, Sendable {
    /// The user.
    package var uid: UInt32
    /// The primary group.
    package var gid: UInt32
    /// Supplementary groups. The primary one need not be among them; the process gets it as well.
    package var groups: [UInt32]

    /// uid 0, gid 0.
    package static let root = SandboxUser(uid: 0, gid: 0)

    /// A user by numbers.
    package init(uid: UInt32, gid: UInt32, groups: [UInt32] = []) {
        self.uid = uid
        self.gid = gid
        self.groups = groups
    }
}

/// A file that a step sees and that leaves no trace in its layer. It belongs to root.
package struct ProvidedFile: Hashable, Sendable {
    /// Absolute, as the step sees it. A symbolic link there is followed inside the tree.
    package var path: String
    /// Its bytes.
    package var content: [UInt8]
    /// Permission bits.
    package var mode: UInt16

    /// A file with this content, mode 0644 unless told.
    package init(path: String, content: [UInt8], mode: UInt16 = 0o644) {
        self.path = path
        self.content = content
        self.mode = mode
    }
}

/// One command to run, with everything that it sees.
package struct SandboxSpec: Sendable {
    /// What it sees as "/".
    package var root: RootTree
    /// The arguments; the first is looked for in the PATH of `environment` unless it has a "/".
    package var command: [String]
    /// `NAME=value`, all there is: nothing of the builder's own environment is added.
    package var environment: [String]
    /// Absolute; must exist in the tree, or be among `missingDirectories`.
    package var workingDirectory: String
    /// Absolute, outermost first: made in the tree before the command starts, for good, as container runtimes make a
    /// working directory that an image lacks.
    package var missingDirectories: [Path] = []
    /// Who runs it.
    package var user: SandboxUser
    /// What it can reach.
    package var network: SandboxNetwork
    /// What it sees as the machine's name; at most 64 bytes. The `chroot` rung shows the host's.
    package var hostname: String
    /// Visible during the step, at their places in the tree (`/etc/resolv.conf`, `/etc/hosts`).
    package var files: [ProvidedFile]
    /// Below `/dev/.ocibuild/` (CA bundles, configuration of tools) or `/dev/pipes/` (scripts), directories that exist
    /// only during the step.
    package var privateFiles: [ProvidedFile]
    /// What is mounted besides, in this order; one may lie within an earlier one.
    package var mounts: [SandboxMount] = []
    /// What it may use at most.
    package var bounds = StepBounds()
    /// Who owns the symbolic links, FIFOs and sockets of the tree, where it is not 0:0. Of the rung `single` only, where no
    /// file system keeps it.
    package var linkOwners: [LinkOwner] = []
    /// Takes what ``linkOwners`` have become when the step has ended.
    package var ledger: LedgerSink?

    /// Root in "/", on the host's network, unless told.
    package init(
        root: RootTree, command: [String], environment: [String] = [], workingDirectory: String = "/",
        user: SandboxUser = .root, network: SandboxNetwork = .host, hostname: String = "ocibuild",
        files: [ProvidedFile] = [], privateFiles: [ProvidedFile] = []
    ) {
        self.root = root
        self.command = command
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
        self.network = network
        self.hostname = hostname
        self.files = files
        self.privateFiles = privateFiles
    }
}
