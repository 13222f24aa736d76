import Codecs
import LinuxSystem
import OCISpec

/// Finds the images and blobs of an archive from its index of members.
struct ArchiveContents {
    /// One entry of Docker's `manifest.json`.
    struct DockerImage: Codable {
        var config: String
        var repoTags: [String]?
        var layers: [String]?

        enum CodingKeys: String, CodingKey {
            case config = "Config"
            case repoTags = "RepoTags"
            case layers = "Layers"
        }
    }

    let path: Path
    let index: TarIndex
    let name: Path
    var blobs: [Digest: BlobFile] = [:]
    let documents = MemoryStore()

    init(path: Path, index: TarIndex, name: Path) {
        self.path = path
        self.index = index
        self.name = name
    }

    mutating func readImages() throws -> [ArchivedImage] {
        if index.file("oci-layout") != nil, let root = try document(ImageIndex.self, "index.json"),
            !root.manifests.isEmpty
        {
            return try readLayout(root)
        }
        if let images = try document([DockerImage].self, "manifest.json") {
            return try images.map { try readDocker($0) }
        }
        throw invalid("holds neither manifest.json nor an OCI image layout")
    }

    private func invalid(_ message: String) -> ContentError {
        ContentError(.archiveInvalid, name.description, message)
    }

    // MARK: OCI

    private mutating func readLayout(_ root: ImageIndex) throws -> [ArchivedImage] {
        for case (let path, .file(let offset, let size)) in index.members {
            let parts = path.components
            guard parts.count == 3, parts[0] == "blobs", let algorithm = parts[1].string, let hex = parts[2].string,
                let digest = try? Digest(parsing: "\(algorithm):\(hex)")
            else { continue }
            blobs[digest] = BlobFile(path: self.path, offset: offset, size: size)
        }
        var images: [ArchivedImage] = []
        for image in root.manifests.map(ArchivedImage.init(listed:)) {
            if let place = images.firstIndex(where: { $0.descriptor.digest == image.descriptor.digest }) {
                images[place].references += image.references.filter { !images[place].references.contains($0) }
            } else {
                images.append(image)
            }
        }
        return images
    }

    // MARK: Docker

    private mutating func readDocker(_ image: DockerImage) throws -> ArchivedImage {
        guard let configPlace = index.file(Path(image.config)) else { throw invalid("\(image.config) is missing") }
        let configBytes = try bytes(configPlace, image.config)
        let config: ImageConfig
        do {
            config = try CanonicalJSON.decode(ImageConfig.self, from: configBytes)
        } catch {
            throw invalid("\(image.config) is no image configuration (\(error))")
        }
        let layers = image.layers ?? []
        guard layers.count == config.rootfs.diffIDs.count else {
            throw invalid("\(layers.count) layers where \(image.config) names \(config.rootfs.diffIDs.count)")
        }
        let configDigest = Digest.sha256(of: configBytes)
        blobs[configDigest] = BlobFile(path: path, offset: configPlace.offset, size: configPlace.size)
        let descriptors = try zip(layers, config.rootfs.diffIDs).map { try layer($0, diffID: $1) }
        let manifest = ImageManifest(
            config: Descriptor(mediaType: .ociConfig, digest: configDigest, size: configPlace.size),
            layers: descriptors)
        let names = (image.repoTags ?? []).compactMap { try? Reference(parsing: $0).withDefaultTag() }
        let descriptor = documents.put(try CanonicalJSON.encode(manifest), mediaType: .ociManifest)
        return ArchivedImage(descriptor: descriptor, references: names)
    }

    /// An uncompressed layer is named by its DiffID, which the reader of the blob verifies; a compressed one has to be
    /// read for its digest.
    private mutating func layer(_ member: String, diffID: Digest) throws -> Descriptor {
        guard let place = index.file(Path(member)) else { throw invalid("the layer \(member) is missing") }
        let file = BlobFile(path: path, offset: place.offset, size: place.size)
        let head = try FileByteReader(path, offset: place.offset, length: min(place.size, 512)).readAll(limit: 512)
        let digest: Digest
        let type: MediaType
        switch try BlobEncoding.sniff(head) {
        case .gzip: type = .ociLayerGzip
        case .zstd: type = .ociLayerZstd
        default: type = .ociLayer
        }
        if type == .ociLayer {
            digest = diffID
        } else {
            let reader = HashingReader(try FileByteReader(path, offset: place.offset, length: place.size))
            try reader.drain()
            digest = reader.finalize()
        }
        blobs[digest] = file
        return Descriptor(mediaType: type, digest: digest, size: place.size)
    }

    // MARK: Documents

    private func document<Value: Decodable>(_ type: Value.Type, _ member: String) throws -> Value? {
        guard let place = index.file(Path(member)) else { return nil }
        do {
            return try CanonicalJSON.decode(type, from: try bytes(place, member))
        } catch let error as SpecError {
            throw invalid("\(member) is unusable (\(error))")
        }
    }

    private func bytes(_ place: (offset: Int64, size: Int64), _ member: String) throws -> [UInt8] {
        guard place.size <= Int64(CanonicalJSON.defaultLimit) else { throw invalid("\(member) is too long") }
        return try FileByteReader(path, offset: place.offset, length: place.size).readAll(
            limit: CanonicalJSON.defaultLimit)
    }
}
