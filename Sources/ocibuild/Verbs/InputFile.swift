import Glibc
import LinuxSystem
import OCIContent

/// A file named on the command line, or standard input kept in a file for as long as it is needed: an archive's index
/// may be its last entry.
enum InputFile {
    /// Calls `body` with the path of a file with the input's bytes.
    static func opened<Result>(
        _ word: Word, beside store: LocalStore, _ body: (String) async throws -> Result
    ) async throws -> Result {
        guard word == Word("-") else {
            guard let text = word.text else { throw CommandError("the path \"\(word.shown)\" is not valid UTF-8") }
            guard FileSystem.exists(Path(text)) else { throw CommandError("there is no file \"\(word.shown)\"") }
            return try await body(text)
        }
        guard isatty(0) == 0 else {
            throw UsageError(message: "an archive is expected on standard input: name a file, or redirect one")
        }
        let folder = try store.temporaries.makeDirectory()
        defer { withExtendedLifetime(folder) {} }
        let copy = folder.path / "input"
        try await BlockingPool.shared.run { try spool(to: copy) }
        do {
            return try await body(copy.description)
        } catch let error as ContentError {
            throw CommandError(String(describing: error).replacing(copy.description, with: "standard input"))
        }
    }

    private static func spool(to path: Path) throws {
        let file = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(0, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            if count < 0 {
                guard errno == EINTR else { throw SystemError("read", Path("standard input")) }
                continue
            }
            try file.writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
