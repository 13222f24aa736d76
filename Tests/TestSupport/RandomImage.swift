import Archive
import Codecs
import LinuxSystem
import OCIContent
import OCISpec

/// Makes valid images whose content is random but follows from a seed.
package struct RandomImage: Sendable {
    /// Numbers from a seed (SplitMix64), so that a failing test can be run again.
    package struct Generator: RandomNumberGenerator, Sendable {
        private var state: UInt64

        /// The sequence of that seed.
        package init(seed: UInt64) {
            state = seed
        }

        package mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    /// The manifest.
    package let descriptor: Descriptor
    /// The manifest, decoded.
    package let manifest: ImageManifest
    /// The configuration.
    package let config: ImageConfig
    /// All blobs: manifest, configuration, layers.
    package var blobs: [Descriptor] { [descriptor, manifest.config] + manifest.layers }

    /// Makes an image and puts it into `target`.
    ///
    /// - Parameters:
    ///   - layers: how many layers, each a tar of a few files.
    ///   - fileSize: the length of the largest file of a layer in bytes.
    package static func make(
        in target: some BlobTarget, layers: Int = 3, fileSize: Int = 10_000, compression: Compression = .default,
        platform: Platform = .host, seed: UInt64 = 1
    ) async throws -> RandomImage {
        let memory = MemoryStore()
        var random = Generator(seed: seed)
        var config = ImageConfig(platform: platform)
        config.created = "1980-01-01T00:00:01Z"
        config.config.env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        config.config.cmd = ["/bin/file-0"]
        var descriptors: [Descriptor] = []
        for number in 0..<layers {
            let tar = try layer(number, fileSize: fileSize, random: &random)
            let blob = BytesWriter()
            let compressor = ParallelCompressor(compression, threads: 1, output: blob)
            try compressor.write(tar)
            try compressor.finish()
            config.rootfs.diffIDs.append(.sha256(of: tar))
            config.history.append(History(created: config.created, createdBy: "layer \(number)"))
            descriptors.append(memory.put(blob.bytes, mediaType: compression.mediaType))
        }
        let manifest = ImageManifest(
            config: memory.put(try CanonicalJSON.encode(config), mediaType: .ociConfig), layers: descriptors)
        let descriptor = memory.put(try CanonicalJSON.encode(manifest), mediaType: .ociManifest)
        try await copy(descriptor, from: memory, to: target)
        return RandomImage(descriptor: descriptor, manifest: manifest, config: config)
    }

    /// Makes one image a platform and an index of them, and puts all into `target`.
    package static func makeIndex(
        in target: some BlobTarget, platforms: [Platform], seed: UInt64 = 1
    ) async throws -> (index: Descriptor, images: [RandomImage]) {
        var images: [RandomImage] = []
        var entries: [Descriptor] = []
        for (number, platform) in platforms.enumerated() {
            let image = try await make(in: target, layers: 2, platform: platform, seed: seed &+ UInt64(number))
            var entry = image.descriptor
            entry.platform = platform
            images.append(image)
            entries.append(entry)
        }
        let memory = MemoryStore()
        let index = memory.put(try CanonicalJSON.encode(ImageIndex(manifests: entries)), mediaType: .ociIndex)
        try await target.ingest(index, from: memory)
        return (index, images)
    }

    private static func layer(_ number: Int, fileSize: Int, random: inout Generator) throws -> [UInt8] {
        let output = BytesWriter()
        let tar = TarWriter(output)
        try tar.append(ArchiveEntry(path: "bin", type: .directory, mode: 0o755))
        for (index, size) in [fileSize, fileSize / 3, 0].enumerated() {
            // Half random and half repeated, so that compression has something to do.
            var content: [UInt8] = []
            while content.count < size / 2 {
                withUnsafeBytes(of: random.next()) { content.append(contentsOf: $0.prefix(size / 2 - content.count)) }
            }
            content += [UInt8](repeating: UInt8(index), count: size - content.count)
            try tar.append(
                ArchiveEntry(
                    path: Path("bin/file-\(number)-\(index)"), type: .regular, mode: 0o755, size: Int64(size)))
            try content.withUnsafeBytes { try tar.write($0) }
        }
        try tar.finish()
        return output.bytes
    }
}
