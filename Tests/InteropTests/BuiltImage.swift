import LinuxSystem
import OCISpec

/// What a builder made of a fixture, as other tools read it from an OCI layout.
struct BuiltImage: Sendable {
    let tree: FileTree
    let configuration: JSONValue

    /// Reads the image called "fixture" in the layout `layout`: its configuration as it lies there, and the tree
    /// that umoci unpacks from it into `folder`.
    init(in layout: Path, unpackingTo folder: Path) async throws {
        try await Tool.run(["umoci", "raw", "unpack", "--image", "\(layout):fixture", "\(folder)"])
        (configuration, tree) = try await BlockingPool.shared.run {
            func blob(_ descriptor: JSONValue?) throws -> JSONValue {
                let digest = descriptor?["digest"]?.text?.dropFirst("sha256:".count) ?? ""
                return try JSONValue(reading: layout / "blobs/sha256" / Path(digest))
            }
            let index = try JSONValue(reading: layout / "index.json")
            let manifest = try blob(index["manifests"]?[0])
            return (try blob(manifest["config"]), try FileTree(scanning: folder))
        }
    }

    /// What differs between two builders' images, in tree and configuration.
    func differences(from other: BuiltImage) -> [Difference] {
        tree.differences(from: other.tree) + configurationDifferences(from: other)
    }

    private func configurationDifferences(from other: BuiltImage) -> [Difference] {
        compare(configuration, other.configuration, "", leavingOut: ["created", "history", "rootfs", "config"])
            + compare(configuration["config"], other.configuration["config"], "config.", leavingOut: ["Labels"])
            + compare(
                configuration["config"]?["Labels"], other.configuration["config"]?["Labels"], "config.Labels.",
                leavingOut: [])
    }

    private func compare(
        _ ours: JSONValue?, _ theirs: JSONValue?, _ prefix: String, leavingOut: Set<String>
    ) -> [Difference] {
        let (ours, theirs) = (ours?.members ?? [:], theirs?.members ?? [:])
        return Set(ours.keys).union(theirs.keys).subtracting(leavingOut).sorted().compactMap { key in
            let (one, other) = (ours[key] ?? .null, theirs[key] ?? .null)
            guard one != other, !(one.isEmpty && other.isEmpty) else { return nil }
            return Difference(prefix + key, "\(one)", "\(other)")
        }
    }
}
