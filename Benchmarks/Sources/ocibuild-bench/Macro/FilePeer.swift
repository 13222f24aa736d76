/// What builders without a daemon share: all they know is in one folder, which is copied and thrown away.
class FilePeer {
    fileprivate(set) var folder = ""
    fileprivate(set) var host = ""
    private var isPrimed = false

    /// What must not stay mounted when the folder is renamed.
    var mounted: String? { nil }

    func start(folder: String, host: String) throws {
        self.folder = folder
        self.host = host
        isPrimed = false
        try Command.run("mkdir -p '\(folder)/store'")
    }

    /// Puts the state with nothing but the bases in place. What is discarded is renamed, not deleted, for the sake of
    /// what follows.
    func restore(_ prime: () throws -> Void) throws {
        if !isPrimed {
            try empty()
            try prime()
            try release()
            try Command.run("cp -a '\(folder)/store' '\(folder)/pristine'")
            isPrimed = true
        }
        try discard()
        try Command.run("cp -a '\(folder)/pristine' '\(folder)/store'; sync -f '\(folder)'")
    }

    func empty() throws {
        try discard()
        try Command.run("mkdir '\(folder)/store'; sync -f '\(folder)'")
    }

    private func discard() throws {
        try release()
        try Command.run("cd '\(folder)' && mkdir -p discarded && mv store discarded/$(date +%s%N)")
    }

    private func release() throws {
        if let mounted { try Command.run("umount '\(mounted)' 2>/dev/null || true") }
    }
}
