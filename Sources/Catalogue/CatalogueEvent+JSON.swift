import OCISpec

extension CatalogueEvent {
    /// The event as JSON. Throws where it is longer than an event may be, or holds what no reader would take: its writer
    /// would never find it again, and write another.
    package func encoded() throws -> [UInt8] {
        try check()
        let bytes = try CanonicalJSON.encode(self)
        guard bytes.count <= Self.limit else {
            throw CatalogueError(
                .invalid, "", "description and readme make an event of \(bytes.count) bytes; at most \(Self.limit) fit")
        }
        return bytes
    }

    /// Reads what may be anything: it comes from a registry.
    package init(parsing bytes: [UInt8]) throws {
        let head = try CanonicalJSON.decode(Head.self, from: bytes, limit: Self.limit)
        guard head.version == Self.version else {
            guard head.version > Self.version else { throw Self.malformed("version \(head.version)") }
            throw CatalogueError(
                .newerVersion, "",
                "the catalogue was written by a newer version of this program (format \(head.version), known is "
                    + "\(Self.version)): update it")
        }
        self = try CanonicalJSON.decode(Self.self, from: bytes, limit: Self.limit)
        try check()
    }

    private struct Head: Decodable {
        let version: Int
    }

    private static func malformed(_ what: String) -> CatalogueError {
        CatalogueError(.damaged, "", "no event of a catalogue: \(what)")
    }

    /// What the types do not say of the values.
    private func check() throws {
        guard RandomName.isOne(nonce, RandomName.writerLength) else { throw Self.malformed("its nonce") }
        guard slot > 0, (slot == 1) == (previous == nil) else { throw Self.malformed("its place") }
        guard Instant.isOne(time) else { throw Self.malformed("its time \(CatalogueName.quoted(time))") }
        switch action {
        case .create(let creation):
            try CatalogueName.check(creation.name)
            guard RandomName.isOne(creation.repository, RandomName.repositoryLength) else {
                throw Self.malformed("its repository")
            }
            try CatalogueName.checkText(
                creation.originalTag, of: "original tag", limit: CatalogueName.longestOriginalTag)
            try CatalogueName.checkText(
                creation.description, of: "description", limit: CatalogueName.longestDescription)
            try CatalogueName.checkText(creation.readme, of: "readme", limit: CatalogueName.longestReadme)
        case .commit(_, let content):
            guard content == content.bare, content.mediaType.isIndex || content.mediaType.isManifest else {
                throw Self.malformed("its content \(content.digest)")
            }
        case .rename(_, let name): try CatalogueName.check(name)
        case .delete: break
        }
    }
}

extension CatalogueEvent: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, nonce, slot, previous, time, user, action, image, name, repository, description, readme, content
        case originalTag = "original_tag"
    }

    private enum Verb: String, Codable {
        case create, commit, rename, delete
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        nonce = try container.decode(String.self, forKey: .nonce)
        slot = try container.decode(Int.self, forKey: .slot)
        previous = try container.decodeIfPresent(Digest.self, forKey: .previous)
        time = try container.decode(String.self, forKey: .time)
        user = try container.decode(CatalogueUser.self, forKey: .user)
        let image = try container.decode(ImageID.self, forKey: .image)
        switch try container.decode(Verb.self, forKey: .action) {
        case .create:
            action = .create(
                Creation(
                    id: image, name: try container.decode(String.self, forKey: .name),
                    repository: try container.decode(String.self, forKey: .repository),
                    originalTag: try container.decodeIfPresent(String.self, forKey: .originalTag) ?? "",
                    description: try container.decodeIfPresent(String.self, forKey: .description) ?? "",
                    readme: try container.decodeIfPresent(String.self, forKey: .readme) ?? ""))
        case .commit: action = .commit(image, try container.decode(Descriptor.self, forKey: .content))
        case .rename: action = .rename(image, try container.decode(String.self, forKey: .name))
        case .delete: action = .delete(image)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.version, forKey: .version)
        try container.encode(nonce, forKey: .nonce)
        try container.encode(slot, forKey: .slot)
        try container.encodeIfPresent(previous, forKey: .previous)
        try container.encode(time, forKey: .time)
        try container.encode(user, forKey: .user)
        switch action {
        case .create(let creation):
            try container.encode(Verb.create, forKey: .action)
            try container.encode(creation.id, forKey: .image)
            try container.encode(creation.name, forKey: .name)
            try container.encode(creation.repository, forKey: .repository)
            try container.encode(creation.originalTag, forKey: .originalTag)
            if !creation.description.isEmpty { try container.encode(creation.description, forKey: .description) }
            if !creation.readme.isEmpty { try container.encode(creation.readme, forKey: .readme) }
        case .commit(let image, let content):
            try container.encode(Verb.commit, forKey: .action)
            try container.encode(image, forKey: .image)
            try container.encode(content, forKey: .content)
        case .rename(let image, let name):
            try container.encode(Verb.rename, forKey: .action)
            try container.encode(image, forKey: .image)
            try container.encode(name, forKey: .name)
        case .delete(let image):
            try container.encode(Verb.delete, forKey: .action)
            try container.encode(image, forKey: .image)
        }
    }
}
