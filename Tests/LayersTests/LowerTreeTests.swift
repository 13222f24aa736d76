import LinuxSystem
import Testing

@testable import Layers

@Suite("The merged view of unpacked layers")
struct LowerTreeTests {
    @Test("looks for a directory once, in however many layers it is")
    func memory() throws {
        let folder = try TemporaryDirectory()
        let layers = ["top", "bottom"].map { folder.path / Path($0) }
        for layer in layers { try FileSystem.makeDirectories(layer / "a/b") }
        try FileSystem.writeFile(layers[0] / "a/b/file", [])
        let tree = LowerTree(layers)
        #expect(try tree.lookup("a/b")?.directory?.layers == [0, 1])
        // Whoever asks the layers again sees that `a` is in one of them only.
        try FileSystem.rename(layers[1] / "a", to: layers[1] / "aside")
        for path in ["a", "a/b"] as [Path] {
            #expect(try tree.lookup(path)?.directory?.layers == [0, 1], "\(path)")
        }
        #expect(try LowerTree(layers).lookup("a/b")?.directory?.layers == [0], "a view of its own knows nothing of it")
        // What lies below is looked for where the directory was found.
        #expect(try tree.lookup("a/b/file")?.layer == 0)
        try FileSystem.rename(layers[0] / "a", to: layers[0] / "aside")
        #expect(try tree.lookup("a/b")?.directory?.layers == [0, 1])
        #expect(try tree.lookup("a/b/file") == nil, "files are not remembered")
    }
}
