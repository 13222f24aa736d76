import OCIBuild

/// Decides whether this process goes into a user namespace, and takes it there.
enum NamespaceChoice {
    /// Goes into a user namespace where the command line asks for something that needs one. What is wrong with the
    /// words, or stands against the namespace, is said later, by whoever is concerned.
    static func enter(asked words: [Word], _ console: Console) {
        guard case .run(let verb, let arguments) = try? CommandLineReader.read(words, verbs: VerbTable.all),
            verb.handlesTrees
        else { return }
        let isolation = IsolationOption.wanted(arguments, console) ?? .auto
        switch isolation {
        case .single, .chroot, .none: return
        case .auto, .root, .userns: break
        }
        _ = try? Rootless.enter(evenAsRoot: isolation == .userns)
    }
}
