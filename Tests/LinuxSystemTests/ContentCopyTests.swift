import Glibc
import LinuxSystem
import Testing

@Suite("Copies of content")
struct ContentCopyTests {
    private func copy(_ source: Path, to target: Path) throws -> Int64 {
        let source = try OwnedDescriptor.open(source, O_RDONLY)
        let target = try OwnedDescriptor.open(target, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        return try FileSystem.copyContent(of: source, to: target)
    }

    /// A folder of the disk and one of memory: between them nothing can be shared.
    private func folders() throws -> [TemporaryDirectory] {
        [try TemporaryDirectory(), try TemporaryDirectory(in: "/dev/shm")]
    }

    @Test("the copy is the content, on one file system and between two", arguments: [0, 1, 5000, 65_537, 3_000_001])
    func content(size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let folders = try folders()
        for (index, from) in folders.enumerated() {
            try FileSystem.writeFile(from.path / "file", bytes)
            for to in folders {
                let target = to.path / Path("copy\(index)")
                #expect(try copy(from.path / "file", to: target) == Int64(size))
                let isSame = try FileSystem.readFile(target) == bytes
                #expect(isSame)
            }
        }
    }

    @Test("holes stay holes")
    func holes() throws {
        let folders = try folders()
        for from in folders {
            let sparse = from.path / "sparse"
            let file = try OwnedDescriptor.open(sparse, O_WRONLY | O_CREAT, mode: 0o600)
            let word = Array("here".utf8)
            for offset in [1 << 20, 9 << 20] { #expect(pwrite(file.raw, word, 4, off_t(offset)) == 4) }
            #expect(ftruncate(file.raw, 16 << 20) == 0)
            for to in folders {
                let target = to.path / Path("copy\(from.path == to.path)")
                #expect(try copy(sparse, to: target) == 16 << 20)
                let status = try FileSystem.status(target)
                #expect(status.size == 16 << 20 && status.blocks * 512 < 1 << 20)
                let isSame = try FileSystem.readFile(target) == FileSystem.readFile(sparse)
                #expect(isSame)
            }
        }
    }

    @Test("a file whose size the kernel makes up is read to its end")
    func made() throws {
        let folder = try TemporaryDirectory()
        let expected = try FileSystem.readFile("/proc/sys/kernel/random/boot_id")
        #expect(try copy("/proc/sys/kernel/random/boot_id", to: folder.path / "copy") == Int64(expected.count))
        #expect(try FileSystem.readFile(folder.path / "copy") == expected)
    }
}
