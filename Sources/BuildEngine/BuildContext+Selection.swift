import Archive
import CLinux
import Glibc
import Layers
import LinuxSystem

extension BuildContext {
    /// What the written sources of a COPY name in this context.
    func select(_ written: [String]) throws -> CopySelection {
        var sources: [CopySelection.Source] = []
        for text in written {
            let matches = try expand(text)
            for match in matches { sources.append(try source(match, written: text)) }
        }
        return CopySelection(sources: sources)
    }

    /// The one file or folder of that name, which is no pattern.
    func select(literal text: String) throws -> CopySelection {
        try requireInside(text)
        var found = try source(Path(bytes: Path(text).lexicallyNormalized().bytes), written: text)
        // Who may enter the checkout on this machine says nothing about the step.
        if found.isDirectory, found.name.isEmpty { found.files[0].entry.mode = 0o755 }
        return CopySelection(sources: [found])
    }

    private func requireInside(_ text: String) throws {
        var depth = 0
        for component in Path(text).components where component != "." {
            depth += component == ".." ? -1 : 1
            guard depth >= 0 else {
                throw EngineError(
                    .sourceOutsideContext, text,
                    "the source \"\(text)\" is outside the build context \(root): only files below that folder can be used; build with a parent folder as the context, and -f to name the Dockerfile"
                )
            }
        }
    }

    private func expand(_ text: String) throws -> [Path] {
        try requireInside(text)
        let pattern = Path(text).lexicallyNormalized()
        let components = pattern.components
        guard components.contains(where: { Wildcard.isPattern($0.bytes) }) else {
            return [Path(bytes: components.map(\.bytes).joined(separator: [0x2F]))]
        }
        var matches: [Path] = [""]
        for component in components {
            guard let wildcard = Wildcard(component.bytes) else {
                throw EngineError(
                    .badPattern, text,
                    "the source \"\(text)\" is not a valid pattern: \"\(component)\" has an open bracket, an empty range or a trailing backslash"
                )
            }
            var next: [Path] = []
            for folder in matches {
                guard let real = try resolve(folder),
                    try FileSystem.statusIfPresent(root / real, following: true)?.type == .directory
                else { continue }
                for entry in try entries(of: real) where wildcard.matches(entry.name.bytes) {
                    let path = folder / entry.name
                    if ignores(path), !(entry.type == .directory && mayInclude(below: path)) { continue }
                    next.append(path)
                }
            }
            matches = next
        }
        guard !matches.isEmpty else {
            throw EngineError(
                .sourceNotFound, text, "no file of the build context \(root) matches \"\(text)\"" + excludedNote())
        }
        return matches
    }

    private func excludedNote() -> String {
        ignoreFile.map { " (files that \($0) excludes are not in the context)" } ?? ""
    }

    private func source(_ path: Path, written: String) throws -> CopySelection.Source {
        let real = try resolve(path)
        let status = try real.map { try FileSystem.status($0.isEmpty ? root : root / $0) }
        // A link is no way to what is excluded.
        let excluded = [path, real ?? path].first {
            ignores($0) && !(status?.type == .directory && mayInclude(below: $0))
        }
        if let excluded {
            throw EngineError(
                .sourceIgnored, written,
                "the source \"\(written)\" is excluded by \(ignoreFile ?? "the ignore file"): remove the pattern, or re-include it with \"!\(excluded)\""
            )
        }
        guard let real, let status else {
            throw EngineError(
                .sourceNotFound, written,
                "the source \"\(written)\" is not in the build context \(root)" + (try suggestion(for: path)))
        }
        var files = [try file(real.isEmpty ? root : root / real, status: status, as: "")]
        if status.type == .directory { try walk(real, below: "", into: &files) }
        return CopySelection.Source(written: written, name: path.lastComponent ?? "", files: files)
    }

    private func suggestion(for path: Path) throws -> String {
        let parent = path.parent ?? ""
        guard let real = try resolve(parent) else { return excludedNote() }
        let wanted = path.lastComponent?.description.lowercased() ?? ""
        let names = ((try? entries(of: real)) ?? []).map(\.name.description)
        if let near = names.first(where: { $0.lowercased() == wanted || $0.lowercased().hasPrefix(wanted) }) {
            return "; did you mean \"\(parent / Path(near))\"?"
        }
        return excludedNote()
    }

    private func walk(_ folder: Path, below path: Path, into files: inout [CopySelection.File]) throws {
        let location = folder.isEmpty ? root : root / folder
        let (names, statuses) = try contents(of: location)
        for index in 0..<names.count {
            let real = names.path(index, in: folder)
            let ignored = ignores(real)
            if ignored, let type = names.type(index), type != .directory { continue }
            guard let status = statuses[index], status.type != .socket else { continue }
            let below = path == folder ? real : names.path(index, in: path)
            if status.type == .directory {
                if ignored, !mayInclude(below: real) { continue }
                let place = files.count
                files.append(try file(names.path(index, in: location), status: status, as: below))
                try walk(real, below: below, into: &files)
                // A folder that is excluded itself is there only for what is included again below it.
                if ignored, files.count == place + 1 { files.removeLast() }
            } else if !ignored {
                files.append(try file(names.path(index, in: location), status: status, as: below))
            }
        }
    }

    /// What is in a folder, and the status of each; nil for what went meanwhile. The folder is open only for that, so
    /// that no tree is too deep.
    private func contents(of location: Path) throws -> (names: SortedNames, statuses: [FileStatus?]) {
        let directory = try OwnedDescriptor.open(location, O_RDONLY | CLINUX_O_DIRECTORY | CLINUX_O_NOFOLLOW)
        let names = try SortedNames(of: directory)
        var statuses: [FileStatus?] = []
        statuses.reserveCapacity(names.count)
        for index in 0..<names.count { statuses.append(try names.status(index, in: directory)) }
        return (names, statuses)
    }

    private func file(_ location: Path, status: FileStatus, as path: Path) throws -> CopySelection.File {
        var entry = ArchiveEntry(path: "", status: status)
        // Who owns the checkout says nothing about the image.
        entry.uid = 0
        entry.gid = 0
        guard status.type == .regular else {
            if status.type == .symlink { entry.linkTarget = try FileSystem.readLink(location) }
            entry.attributes = try CopyAttributes.read(location)
            return CopySelection.File(path: path, entry: entry)
        }
        let identity = FileIdentity(status)
        let known = digests.known(identity)
        // Whoever gives a file an attribute changes its identity.
        if known?.isPlain != true { entry.attributes = try CopyAttributes.read(location) }
        return CopySelection.File(
            path: path, entry: entry, content: location,
            inode: status.links > 1 ? CopySelection.Inode(device: status.device, number: status.inode) : nil,
            identity: identity, digest: known?.digest)
    }
}

/// The extended attributes that a COPY takes along: file capabilities, and those that users set.
enum CopyAttributes {
    /// Those of the file at `path`, which is in a tree of that ownership.
    static func read(_ path: Path, ownership: TreeOwnership = .real) throws -> [ExtendedAttribute] {
        try LayerAttributes.read(path, ownership: ownership).filter {
            $0.name.starts(with: "user.".utf8) || $0.name.elementsEqual("security.capability".utf8)
        }
    }
}
