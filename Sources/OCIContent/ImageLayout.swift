import LinuxSystem
import OCISpec

/// Any OCI image layout in a folder: one that another tool made, or one that is to be handed to another tool.
///
/// Names follow the layout's custom: the tag in `org.opencontainers.image.ref.name`, the full name in
/// `io.containerd.image.name`.
public final class ImageLayout: ContentStore {
    /// Which image of a layout is meant.
    public enum Selector: Hashable, Sendable {
        /// The only one.
        case only
        /// The one of that name: a tag, or a full reference.
        case name(String)
        /// The one of that digest.
        case digest(Digest)
    }

    let layout: LayoutDirectory
    /// Remembers the index for those who look up many names.
    let names = LayoutNames()

    /// The folder.
    package var root: Path { layout.root }

    /// Opens an existing layout.
    public convenience init(opening directory: String) throws {
        try self.init(opening: Path(directory))
    }

    /// Opens a layout, or makes an empty one in a folder that is empty or absent.
    public convenience init(creating directory: String) throws {
        try self.init(creating: Path(directory))
    }

    /// Opens an existing layout.
    package init(opening root: Path) throws {
        layout = Self.layout(root)
        try layout.checkVersion()
    }

    /// Opens a layout, or makes an empty one in a folder that is empty or absent.
    package init(creating root: Path) throws {
        layout = Self.layout(root)
        if !FileSystem.exists(layout.versionPath) {
            if let status = try FileSystem.statusIfPresent(root, following: true) {
                guard status.type == .directory, try DirectoryListing.entries(at: root).isEmpty else {
                    throw ContentError(
                        .layoutInvalid, root.description,
                        "holds other things than an OCI image layout; choose an empty or a new folder")
                }
            }
            try FileSystem.makeDirectories(root)
        }
        try layout.temporaries.sweep()
        try layout.create(mode: 0o755)
        try layout.checkVersion()
        if !FileSystem.exists(layout.indexPath) { try layout.updateIndex { _ in } }
    }

    private static func layout(_ root: Path) -> LayoutDirectory {
        // No file beyond those of the specification may stay in the folder, so the version file serves as the lock.
        LayoutDirectory(
            root: root, temporaries: TemporaryArea(root, prefix: ".ocibuild-"), indexLock: root / "oci-layout")
    }

    /// Splits `path`, `path:name` or `path@digest`. A path that exists as it stands is taken whole.
    public static func split(_ location: String) throws -> (directory: String, selector: Selector) {
        if FileSystem.exists(Path(location)) { return (location, .only) }
        if let at = location.lastIndex(of: "@"), !location[at...].contains("/") {
            return (
                String(location[..<at]), .digest(try Digest(parsing: String(location[location.index(after: at)...])))
            )
        }
        // Names may hold ":" and "/" themselves, so the shortest path that exists wins.
        for colon in location.indices where location[colon] == ":" {
            let directory = String(location[..<colon])
            if FileSystem.exists(Path(directory)) {
                return (directory, .name(String(location[location.index(after: colon)...])))
            }
        }
        return (location, .only)
    }

    /// All images of the layout, as its index lists them.
    public func images() throws -> [Descriptor] { try layout.index().manifests }

    /// The image that is meant; throws if there is none, or several.
    public func select(_ selector: Selector) throws -> Descriptor {
        let images = try images()
        let found: [Descriptor]
        switch selector {
        case .only: found = images
        case .digest(let digest): found = images.filter { $0.digest == digest }
        case .name(let name): found = images.filter { Self.names(of: $0).contains(name) }
        }
        let names = images.map { Self.names(of: $0).first ?? $0.digest.description }
        guard let first = found.first else {
            let hint = names.isEmpty ? "it holds no image" : "it holds \(names.joined(separator: ", "))"
            throw ContentError(.imageMissing, root.description, "no such image in this layout; \(hint)")
        }
        guard Set(found.map(\.digest)).count == 1 else {
            throw ContentError(
                .imageAmbiguous, root.description,
                "holds several images; choose one as \(root):NAME, of \(names.joined(separator: ", "))")
        }
        return first.unlisted
    }

    private static func names(of entry: Descriptor) -> [String] {
        [AnnotationKey.containerdName, AnnotationKey.referenceName].compactMap { entry.annotations?[$0] }
    }

    /// As `BlobSource` says.
    public func contains(_ blob: Descriptor) async throws -> Bool { try layout.contains(blob) }

    /// As `BlobSource` says.
    public func file(of blob: Descriptor) async throws -> BlobFile? { try layout.file(of: blob) }

    /// As `BlobSource` says.
    public func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        try await layout.stream(blob, body)
    }

    /// As `BlobTarget` says.
    public func ingest(
        _ blob: Descriptor, from source: any BlobSource, progress: @escaping @Sendable (Int64) -> Void
    ) async throws {
        try await layout.ingest(blob, from: source, progress: progress)
    }

    /// As `ReferenceStore` says.
    public func resolve(_ reference: Reference) async throws -> Descriptor {
        try await BlockingPool.shared.run { try self.find(reference.withDefaultTag()) }
    }

    private func find(_ reference: Reference) throws -> Descriptor {
        if let digest = reference.digest { return try select(.digest(digest)) }
        for name in [reference.description, reference.familiar] {
            if let found = try? select(.name(name)) { return found }
        }
        // A bare tag names an image only if no full name contradicts it.
        let tagged = try images().filter {
            $0.annotations?[AnnotationKey.referenceName] == reference.tag
                && $0.annotations?[AnnotationKey.containerdName] == nil
        }
        guard let first = tagged.first else { return try select(.name(reference.description)) }
        return first.unlisted
    }

    /// As `ReferenceStore` says.
    public func tag(_ manifest: Descriptor, as reference: Reference) async throws {
        try await BlockingPool.shared.run { [layout] in
            try layout.updateIndex { index in
                let entry = LayoutName.entry(manifest, reference)
                index.manifests.removeAll {
                    $0.annotations?[AnnotationKey.containerdName] == entry.annotations?[AnnotationKey.containerdName]
                        || ($0.annotations ?? [:]).isEmpty && $0.digest == manifest.digest
                }
                index.manifests.append(entry)
            }
        }
    }

    /// Lists the image without a name.
    public func add(_ manifest: Descriptor) async throws {
        try await BlockingPool.shared.run { [layout] in
            try layout.updateIndex { index in
                guard !index.manifests.contains(where: { $0.digest == manifest.digest }) else { return }
                index.manifests.append(manifest)
            }
        }
    }
}

/// How an image is named in the index of a layout that other tools will read.
enum LayoutName {
    static func entry(_ manifest: Descriptor, _ reference: Reference) -> Descriptor {
        let reference = reference.withDefaultTag()
        var entry = manifest.unlisted
        entry.annotations = [AnnotationKey.containerdName: reference.description]
        if let tag = reference.tag { entry.annotations?[AnnotationKey.referenceName] = tag }
        return entry
    }
}
