import Archive
import Codecs
import LinuxSystem
import OCISpec

extension ImageArchive {
    /// What kind of archive is written.
    public enum Format: String, Sendable, CaseIterable {
        /// An OCI image layout in a tar.
        case oci
        /// The same with Docker's `manifest.json` beside it, which `docker load` of any age reads. Layers stay
        /// compressed. An index is narrowed down to one platform, for Docker's format knows no index.
        case docker
    }

    /// Writes images to a file; its bytes depend on nothing but the images, their names and the format. The file
    /// appears, or takes the place of another, when it is whole.
    ///
    /// - Parameter platform: only the image for this platform is written of each index; for Docker's format the host's
    ///   platform by default.
    public static func write(
        _ images: [ArchivedImage], from source: any BlobSource, as format: Format, platform: Platform? = nil,
        toFile file: String, progress: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) async throws {
        let target = Path(file)
        if let present = try FileSystem.statusIfPresent(target, following: true), present.type != .regular {
            // A pipe or a device, such as /dev/stdout, is written to and not replaced.
            let output = try await BlockingPool.shared.run { try FileByteWriter(target) }
            try await write(images, from: source, as: format, platform: platform, to: output, progress: progress)
            return
        }
        let item = try TemporaryArea.beside(target).makeFile()
        try await write(images, from: source, as: format, platform: platform, to: item, progress: progress)
        try await BlockingPool.shared.run { try item.moveFile(to: target) }
    }

    /// Writes images to a stream.
    package static func write(
        _ images: [ArchivedImage], from source: any BlobSource, as format: Format, platform: Platform? = nil,
        to output: sending any ByteWriter, progress: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) async throws {
        let platform = platform ?? (format == .docker ? .host : nil)
        var plan = ArchivePlan(source: source, format: format)
        for image in images {
            var image = image
            if let platform {
                image.descriptor = try await source.manifestDescriptor(in: image.descriptor, for: platform)
            }
            try await plan.add(image)
        }
        let files = try plan.finish()
        for case .blob(let blob) in files.map(\.content) { progress(.planned(blob)) }
        let tar = ArchiveOutput(output)
        for file in files {
            switch file.content {
            case .directory:
                try await BlockingPool.shared.run { try tar.directory(file.path) }
            case .bytes(let bytes):
                try await BlockingPool.shared.run {
                    try tar.begin(file.path, size: Int64(bytes.count))
                    try bytes.withUnsafeBytes { try tar.write($0) }
                }
            case .blob(let blob):
                try await BlockingPool.shared.run { try tar.begin(file.path, size: blob.size) }
                try await source.stream(blob) { piece in
                    try tar.write(piece)
                    progress(.progress(blob, completed: tar.written))
                }
                progress(.finished(blob))
            }
        }
        try await BlockingPool.shared.run { try tar.finish() }
    }
}

/// A tar that is written from one thread after another.
private final class ArchiveOutput: @unchecked Sendable {
    // Unchecked: each call is awaited before the next is made.
    private let tar: TarWriter
    private(set) var written: Int64 = 0

    init(_ output: any ByteWriter) {
        tar = TarWriter(output)
    }

    func directory(_ path: Path) throws {
        try tar.append(
            ArchiveEntry(path: path, type: .directory, mode: 0o755, modified: FileTime(seconds: 0)))
    }

    func begin(_ path: Path, size: Int64) throws {
        written = 0
        try tar.append(
            ArchiveEntry(path: path, type: .regular, mode: 0o644, size: size, modified: FileTime(seconds: 0)))
    }

    func write(_ piece: UnsafeRawBufferPointer) throws {
        try tar.write(piece)
        written += Int64(piece.count)
    }

    func finish() throws {
        try tar.finish()
    }
}
