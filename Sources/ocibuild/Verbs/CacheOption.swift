import OCIBuild
import OCISpec

/// Reads `build --cache-from` and `--cache-to`: `type=registry,ref=NAME`, `type=local,src=DIR`, or a name alone, as
/// docker and buildah have them.
struct CacheOption {
    let place: CachePlace
    let mode: CacheTarget.Mode
    let maximumAge: Duration?
    /// What a person should know of how it was understood.
    let notes: [String]

    /// Kinds of caches that BuildKit knows, and what to say of them.
    private static let otherTypes = [
        "inline": "the image itself holds no cache here",
        "gha": "keep a folder with actions/cache, and give it as type=local",
        "s3": "a folder that is copied there can be given as type=local",
        "azblob": "a folder that is copied there can be given as type=local",
    ]

    /// Fields of BuildKit's that ask for what is done anyway, or what does not matter here.
    private static let idle: Set<String> = [
        "image-manifest", "oci-mediatypes", "ignore-error", "compression", "compression-level", "force-compression",
        "registry.insecure", "scope", "tag", "digest",
    ]

    /// - Parameters:
    ///   - flag: `cache-from` or `cache-to`.
    ///   - folderField: what the option calls its folder: `src` or `dest`.
    init(_ text: String, of flag: String, folderField: String, verb: String = "build") throws(UsageError) {
        func failure(_ message: String) -> UsageError {
            UsageError(verb: verb, message: "--\(flag) \"\(TerminalText.escape(text))\": \(message)")
        }
        var fields: [String: String] = [:]
        var notes: [String] = []
        var parts = text.split(separator: ",", omittingEmptySubsequences: false)[...]
        if let name = parts.first, !name.contains("=") {
            fields = ["type": "registry", "ref": String(name)]
            parts = parts.dropFirst()
        }
        for field in parts {
            let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = pair[0].lowercased()
            guard pair.count == 2 else {
                throw failure("\"\(TerminalText.escape(String(field)))\" is not NAME=VALUE")
            }
            if Self.idle.contains(name) {
                notes.append("--\(flag): \(name) has no meaning here")
                continue
            }
            let known = ["type", "ref", "mode", "max-age", folderField]
            guard known.contains(name) else {
                let question = Suggestion.question(for: name, among: known)
                throw failure("unknown field \"\(TerminalText.escape(name))\".\(question)")
            }
            guard fields.updateValue(pair[1], forKey: name) == nil else { throw failure("\(name) is given twice") }
        }
        let type = fields["type"] ?? (fields[folderField] == nil ? "registry" : "local")
        switch type {
        case "registry":
            guard let name = fields["ref"], !name.isEmpty else { throw failure("has no ref=NAME") }
            guard fields[folderField] == nil else { throw failure("type=registry has no \(folderField)") }
            let reference: Reference
            do {
                reference = try Reference(parsing: name)
            } catch {
                throw failure("\"\(TerminalText.escape(name))\" is no image name: \(error.message)")
            }
            guard reference.digest == nil else { throw failure("a cache has no digest: give a repository") }
            if let tag = reference.tag {
                notes.append(
                    "--\(flag): the tag \"\(tag)\" does not count: results have tags of their own in "
                        + "\(Reference(domain: reference.domain, repository: reference.repository).familiar)")
            }
            place = .registry(reference)
        case "local":
            guard let folder = fields[folderField], !folder.isEmpty else { throw failure("has no \(folderField)=DIR") }
            guard fields["ref"] == nil else { throw failure("type=local has no ref") }
            place = .folder(folder)
        default:
            let more = Self.otherTypes[type].map { ": \($0)" } ?? ""
            throw failure("the type is registry or local, not \"\(TerminalText.escape(type))\"\(more)")
        }
        if let name = fields["mode"] {
            guard flag == "cache-to" else { throw failure("mode belongs to --cache-to") }
            guard let mode = CacheTarget.Mode(rawValue: name) else {
                throw failure("the mode is min or max, not \"\(TerminalText.escape(name))\"")
            }
            self.mode = mode
        } else {
            mode = .min
        }
        if let text = fields["max-age"] {
            guard let age = Quantity.duration(text) else {
                throw failure("\"\(TerminalText.escape(text))\" is no time such as 14d or 36h")
            }
            maximumAge = age
        } else {
            maximumAge = nil
        }
        self.notes = notes
    }

    /// The cache to read.
    var source: CacheSource { CacheSource(place, maximumAge: maximumAge) }

    /// The cache to write.
    var target: CacheTarget { CacheTarget(place, mode: mode, maximumAge: maximumAge) }
}
