import Codecs
import Glibc
import LinuxSystem
import OCIContent
import OCIRegistry
import OCISpec
import Synchronization
import TestSupport
import Testing

@Suite("Large blobs")
struct LargeBlobTests {
    @Test("A quarter of a gigabyte each way: memory does not grow with it")
    func boundedMemory() async throws {
        // In a process of its own: the memory of all other tests is not this one's.
        await #expect(processExitsWith: .success) {
            let registry = try RegistryProcess()
            let folder = try TemporaryDirectory()
            let size: Int64 = 256 << 20
            let path = folder.path / "blob"
            let piece = SampleImage.random(1 << 20, seed: 3)
            let hasher = HashingWriter(nil)
            do {
                let file = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT, mode: 0o600)
                for _ in 0..<(size >> 20) {
                    try piece.withUnsafeBytes {
                        try file.writeAll($0)
                        try hasher.write($0)
                    }
                }
            }
            let blob = Descriptor(mediaType: .ociLayer, digest: hasher.finalize(), size: size)
            let client = RegistryClient(options: .test(plain: registry.host))
            let repository = try client.repository(try Reference(parsing: "\(registry.host)/big:1"))
            let before = try LargeBlobTests.resident()
            try await repository.ingest(blob, from: FileSource(file: BlobFile(path: path, offset: 0, size: size)))
            let received = Atomic<Int64>(0)
            try await repository.stream(blob) { received.add(Int64($0.count), ordering: .relaxed) }
            #expect(received.load(ordering: .relaxed) == size)
            #expect(try LargeBlobTests.resident() - before < 64 << 10)
        }
    }

    /// The largest resident size of this process so far, in KiB.
    fileprivate static func resident() throws -> Int {
        let text = String(decoding: try FileSystem.readFile("/proc/self/status"), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }
}
