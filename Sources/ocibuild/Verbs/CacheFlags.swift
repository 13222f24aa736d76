import OCIBuild

/// The options of `build` about caches that several machines share.
enum CacheFlags {
    static let from = Flag.option(
        "cache-from", .text("[type=registry,ref=]NAME|type=local,src=DIR"), repeatable: true, in: .cache,
        "Take results of steps from a repository of a registry, or a folder, that builds with --cache-to have written. "
            + "With max-age=14d only those that are not older. See `ocibuild help cache`.")
    static let to = Flag.option(
        "cache-to", .text("[type=registry,ref=]NAME|type=local,dest=DIR"), repeatable: true, in: .cache,
        "Write results of steps there: with mode=min, the default, those that the image grows from; with mode=max those "
            + "of all stages.")
    static let ttl = Flag.option(
        "cache-ttl", .text("TIME"), in: .cache,
        "Use no results of shared caches that are older, such as 14d or 36h; 0 for no limit.")
    static let key = Flag.option(
        "cache-key", .path("FILE"), in: .cache,
        "Ed25519 keys (PEM). What shared caches hold is used only where one of them has signed it; a private key signs "
            + "what is written. Default: OCIBUILD_CACHE_KEY, a file or the text itself.")
    static let cache = Flag.toggle("cache", in: .kaniko, "--cache=false is --no-cache.")
    static let repo = Flag.option(
        "cache-repo", .text("NAME"), in: .kaniko, "--cache-from NAME and --cache-to NAME with mode=max.")

    static let all = [from, to, ttl, key]
    static let kaniko = [cache, repo]

    /// Puts what the command line says of shared caches into the options; the result is what a person should know.
    static func read(_ session: Session, into options: inout BuildOptions) throws -> [String] {
        let arguments = session.arguments
        var notes: [String] = []
        for text in arguments.texts(from) {
            let option = try CacheOption(text, of: from.name, folderField: "src")
            options.cacheFrom.append(option.source)
            notes += option.notes
        }
        for text in arguments.texts(to) {
            let option = try CacheOption(text, of: to.name, folderField: "dest")
            options.cacheTo.append(option.target)
            notes += option.notes
        }
        if let text = arguments.text(repo) {
            let option = try CacheOption(text, of: repo.name, folderField: "")
            options.cacheFrom.append(option.source)
            options.cacheTo.append(CacheTarget(option.place, mode: .max))
            notes += option.notes
        }
        if let text = arguments.text(ttl) {
            guard let age = Quantity.duration(text) else {
                throw session.failure("--cache-ttl \"\(TerminalText.escape(text))\" is no time such as 14d or 36h")
            }
            options.cacheMaximumAge = age == .zero ? nil : age
        }
        options.cacheKey = try session.path(key)
        if arguments.toggle(cache) == false { options.usesCache = false }
        return notes
    }
}
