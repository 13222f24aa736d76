import CChutes
import LinuxSystem

/// The Python package that this program carries: `chutes.image` and what of `chutes.chute` a file of one touches.
enum PythonPackage {
    /// The program that reads a definition.
    static let reader: Path = "define.py"

    /// The files, by their paths below the folder that they are written to.
    static var files: [(path: Path, bytes: [UInt8])] {
        (0..<cchutes_count()).compactMap { index in
            let file = cchutes_file(index)
            guard let path = file.path else { return nil }
            return (Path(String(cString: path)), Array(UnsafeBufferPointer(start: file.bytes, count: file.size)))
        }
    }

    /// Writes the package below `folder`.
    static func write(to folder: Path) throws(SystemError) {
        for (path, bytes) in files {
            if let parent = path.parent { try FileSystem.makeDirectories(folder / parent) }
            try FileSystem.writeFile(folder / path, bytes)
        }
    }
}
