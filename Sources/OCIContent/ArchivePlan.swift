import LinuxSystem
import OCISpec

/// Which files an archive of images consists of.
struct ArchivePlan {
    /// One member of the archive.
    struct File: Sendable {
        enum Content: Sendable {
            case directory
            case bytes([UInt8])
            case blob(Descriptor)
        }
        var path: Path
        var content: Content
    }

    private let source: any BlobSource
    private let format: ImageArchive.Format
    private var blobs: [Digest: Descriptor] = [:]
    private var entries: [Descriptor] = []
    private var docker: [ArchiveContents.DockerImage] = []
    /// Docker's first format: repository, tag, topmost layer.
    private var repositories: [String: [String: String]] = [:]

    init(source: any BlobSource, format: ImageArchive.Format) {
        self.source = source
        self.format = format
    }

    private static func path(_ digest: Digest) -> Path {
        Path("blobs/\(digest.algorithm.rawValue)/\(digest.hex)")
    }

    /// Adds all that the image needs.
    mutating func add(_ image: ArchivedImage) async throws {
        var walk = GraphWalk(source: source, target: MemoryStore())
        try await walk.visit(image.descriptor)
        for blob in walk.blobs + walk.documents.map(\.descriptor) { blobs[blob.digest] = blob.bare }
        let named = image.references.map { LayoutName.entry(image.descriptor, $0) }
        entries += named.isEmpty ? [image.descriptor] : named
        guard format == .docker else { return }
        guard image.descriptor.mediaType.isManifest else {
            throw ContentError(
                .documentInvalid, image.descriptor.digest.description,
                "is a \(image.descriptor.mediaType); Docker's archive format holds images only, write an OCI archive")
        }
        let manifest = try await source.manifest(of: image.descriptor)
        let tags = image.references.compactMap { $0.withDefaultTag().tag == nil ? nil : $0.withDefaultTag() }
        docker.append(
            ArchiveContents.DockerImage(
                config: Self.path(manifest.config.digest).description,
                repoTags: tags.map { Reference(domain: $0.domain, repository: $0.repository, tag: $0.tag).familiar },
                layers: manifest.layers.map { Self.path($0.digest).description }))
        for reference in tags {
            let name = Reference(domain: reference.domain, repository: reference.repository).familiar
            guard let tag = reference.tag, let top = manifest.layers.last else { continue }
            repositories[name, default: [:]][tag] = top.digest.hex
        }
    }

    /// All files, sorted by path.
    func finish() throws -> [File] {
        var files = [
            File(path: "oci-layout", content: .bytes(LayoutDirectory.version)),
            File(path: "index.json", content: .bytes(try CanonicalJSON.encode(ImageIndex(manifests: entries)))),
        ]
        if format == .docker {
            files.append(File(path: "manifest.json", content: .bytes(try CanonicalJSON.encode(docker))))
            if !repositories.isEmpty {
                files.append(File(path: "repositories", content: .bytes(try CanonicalJSON.encode(repositories))))
            }
        }
        let algorithms = Set(blobs.keys.map { "blobs/\($0.algorithm.rawValue)" })
        for directory in ["blobs"] + algorithms {
            files.append(File(path: Path(directory), content: .directory))
        }
        files += blobs.map { File(path: Self.path($0), content: .blob($1)) }
        return files.sorted { $0.path < $1.path }
    }
}
