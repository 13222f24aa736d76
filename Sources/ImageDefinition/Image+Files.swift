extension Image {
    /// Adds files of the build context as ADD does: local archives are unpacked, addresses fetched.
    /// - Parameters:
    ///   - source: a file, a folder or a pattern in the context; or an address.
    ///   - destination: relative to the working directory; with a "/" at its end, a folder.
    ///   - owner: `user`, `user:group` or numbers; nil for root.
    ///   - mode: octal or symbolic; nil keeps the files' own.
    ///   - exclude: patterns of what is left out.
    public func add(
        _ source: String, _ destination: String, owner: String? = nil, mode: String? = nil, exclude: [String] = [],
        checksum: String? = nil, keepsGitFolder: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Image {
        add(
            [source], destination, owner: owner, mode: mode, exclude: exclude, checksum: checksum,
            keepsGitFolder: keepsGitFolder, file: file, line: line)
    }

    /// Adds several files to a folder, as ADD does.
    public func add(
        _ sources: [String], _ destination: String, owner: String? = nil, mode: String? = nil, exclude: [String] = [],
        checksum: String? = nil, keepsGitFolder: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Image {
        var action = Self.action(sources, destination, owner, mode, exclude)
        action.checksum = checksum
        action.keepsGitFolder = keepsGitFolder
        return appending(.add(action), file: file, line: line)
    }

    /// Copies files out of another image's definition, which becomes a stage of the same build.
    public func add(
        from other: Image, _ source: String, _ destination: String, owner: String? = nil, mode: String? = nil,
        exclude: [String] = [], file: String = #fileID, line: Int = #line
    ) -> Image {
        copy(.definition(other), source, destination, owner, mode, exclude, file, line)
    }

    /// Copies files out of an image, named by its reference.
    public func add(
        from reference: String, _ source: String, _ destination: String, owner: String? = nil, mode: String? = nil,
        exclude: [String] = [], file: String = #fileID, line: Int = #line
    ) -> Image {
        copy(.image(reference), source, destination, owner, mode, exclude, file, line)
    }

    /// Copies files of the build context as they are.
    public func copyFile(
        _ source: String, _ destination: String, owner: String? = nil, mode: String? = nil, exclude: [String] = [],
        file: String = #fileID, line: Int = #line
    ) -> Image {
        copy(nil, source, destination, owner, mode, exclude, file, line)
    }

    private func copy(
        _ from: StepOrigin?, _ source: String, _ destination: String, _ owner: String?, _ mode: String?,
        _ exclude: [String], _ file: String, _ line: Int
    ) -> Image {
        var action = Self.action([source], destination, owner, mode, exclude)
        action.from = from
        return appending(.copy(action), file: file, line: line)
    }

    private static func action(
        _ sources: [String], _ destination: String, _ owner: String?, _ mode: String?, _ exclude: [String]
    ) -> CopyAction {
        var action = CopyAction(sources.map { .literal($0) }, to: .literal(destination))
        action.owner = owner.map { .literal($0) }
        action.mode = mode.map { .literal($0) }
        action.exclude = exclude
        return action
    }
}
