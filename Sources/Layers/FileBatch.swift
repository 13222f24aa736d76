import Archive
import LinuxSystem

/// Regular files that wait to be made, their names and contents in one block of memory.
///
/// It is filled by one thread, then handed to another, which makes the files and empties it.
final class FileBatch {
    /// One of the files.
    struct File {
        /// Its place among all files of the layer.
        let number: Int
        let entry: ArchiveEntry
        let directory: DirectoryHandle
        /// Where its name begins in the memory; a NUL ends it.
        let name: Int
        /// Where its content is in the memory.
        let content: Range<Int>
    }

    /// The largest content that is kept in memory; larger files are written as their content comes.
    static let largestFile: Int64 = 256 << 10
    private static let capacity = 512 << 10
    // A batch is handed on when it has so much in it, so that several threads have something to do soon, and directories
    // are not held open in numbers.
    private static let enoughBytes = 192 << 10
    private static let enoughFiles = 48
    private static let enoughDirectories = 10

    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 4096)
    private(set) var files: [File] = []
    private var used = 0
    private var directories = 0

    init() { files.reserveCapacity(Self.enoughFiles) }

    deinit { memory.deallocate() }

    var isFull: Bool {
        used >= Self.enoughBytes || files.count >= Self.enoughFiles || directories >= Self.enoughDirectories
    }

    /// Whether there is room for a file of such a name and size.
    func hasRoom(for entry: ArchiveEntry) -> Bool {
        memory.count - used > Int(entry.size) + entry.path.bytes.count
    }

    /// Adds a file, for which there is room; `fill` writes all of its content to the memory that it is given.
    func add(
        _ entry: ArchiveEntry, number: Int, in directory: DirectoryHandle, name: Path,
        _ fill: (UnsafeMutableRawBufferPointer) throws -> Void
    ) throws {
        let text = used
        let start = text + name.bytes.count + 1
        let end = start + Int(entry.size)
        try fill(UnsafeMutableRawBufferPointer(rebasing: memory[start..<end]))
        name.bytes.withUnsafeBytes { memory[text...].copyBytes(from: $0) }
        memory[start - 1] = 0
        used = end
        if files.last?.directory !== directory { directories += 1 }
        files.append(File(number: number, entry: entry, directory: directory, name: text, content: start..<end))
    }

    /// Calls `body` with a file's name and content.
    func withMemory<R>(of file: File, _ body: (UnsafePointer<CChar>, UnsafeRawBufferPointer) throws -> R) rethrows -> R
    {
        let name = UnsafeRawPointer(memory.baseAddress.unsafelyUnwrapped + file.name)
        return try body(
            name.assumingMemoryBound(to: CChar.self), UnsafeRawBufferPointer(rebasing: memory[file.content]))
    }

    /// Forgets all files, and lets go of their directories.
    func empty() {
        files.removeAll(keepingCapacity: true)
        used = 0
        directories = 0
    }
}
