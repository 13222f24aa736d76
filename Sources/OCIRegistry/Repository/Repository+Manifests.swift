import Codecs
import OCISpec

extension Repository {
    /// The largest manifest that is read, in bytes.
    static let manifestLimit = 4 << 20

    /// Finds the descriptor that a tag or digest stands for. Costs no download where the registry answers HEAD in full
    /// (which Docker Hub does not count as a pull).
    public func resolve(_ reference: Reference) async throws -> Descriptor {
        try requireOwn(reference)
        let wanted = reference.digest?.description ?? reference.tag ?? Reference.defaultTag
        var request = HTTPRequest("HEAD", address("manifests/\(wanted)"))
        request.headers = Self.acceptedManifests
        let response = try await exchange(reference.description, .pull, request)
        if response.status == 200, let descriptor = Self.descriptor(response.headers),
            reference.digest == nil || reference.digest == descriptor.digest
        {
            return descriptor
        }
        do {
            // Without a usable answer to HEAD, the manifest itself says it; or the refusal's body says why not.
            return try await fetchManifest(wanted, digest: reference.digest, subject: reference.description).descriptor
        } catch var error as RegistryError {
            if reference.digest == nil, error.status == 404 { await suggest(&error, instead: wanted) }
            throw error
        }
    }

    /// Gives a manifest a tag, `latest` where the reference has neither tag nor digest. It must have been ingested
    /// already.
    public func tag(_ manifest: Descriptor, as reference: Reference) async throws {
        try requireOwn(reference)
        guard let tag = reference.withDefaultTag().tag else { return }
        try await putManifest(try await manifestBytes(manifest), as: tag, manifest, subject: reference.description)
    }

    /// Removes a manifest and with it all its tags, where the registry allows it.
    public func removeManifest(_ digest: Digest) async throws {
        let subject = "\(registry)/\(name)@\(digest)"
        let response = try await exchange(subject, .delete, HTTPRequest("DELETE", address("manifests/\(digest)")))
        guard (200..<300).contains(response.status) else { throw refusal(response, subject) }
    }

    /// Says what a manifest's bytes are, so that they need not be fetched to tag it. They must be what its digest says.
    package func remember(_ bytes: [UInt8], of manifest: Descriptor) { manifests.keep(bytes, digest: manifest.digest) }

    /// The bytes of a manifest, verified against its descriptor.
    func manifestBytes(_ manifest: Descriptor) async throws -> [UInt8] {
        if let bytes = manifests.bytes(manifest.digest) { return bytes }
        let subject = "\(registry)/\(name)@\(manifest.digest)"
        let (descriptor, bytes) = try await fetchManifest(
            manifest.digest.description, digest: manifest.digest, subject: subject)
        guard Int64(bytes.count) == manifest.size else {
            throw RegistryError(
                code: "SIZE_MISMATCH", subject: subject,
                message: "the manifest has \(bytes.count) bytes, its descriptor says \(manifest.size)")
        }
        guard descriptor.mediaType == manifest.mediaType else {
            throw RegistryError(
                code: "MANIFEST_INVALID", subject: subject,
                message: "is \(descriptor.mediaType), its descriptor says \(manifest.mediaType)")
        }
        return bytes
    }

    func putManifest(_ bytes: [UInt8], as name: String, _ manifest: Descriptor, subject: String) async throws {
        var request = HTTPRequest("PUT", address("manifests/\(name)"))
        request.headers = [("Content-Type", manifest.mediaType.rawValue)]
        request.body = .bytes(bytes)
        var response = try await exchange(subject, .push, request)
        // Distribution on a file system replaces the links to its blobs in place: while others push the same blobs, it
        // may read half a link and take that for a wrong digest. What we send has the digest that we say.
        for attempt in 0..<4 where response.status == 400 {
            guard refusal(response, subject).code == "DIGEST_INVALID" else { break }
            try await Task.sleep(for: .milliseconds(50 << attempt))
            response = try await exchange(subject, .push, request)
        }
        guard (200..<300).contains(response.status) else { throw refusal(response, subject) }
        if let said = response.headers["docker-content-digest"], said != manifest.digest.description {
            throw RegistryError(
                code: "DIGEST_MISMATCH", subject: subject,
                message: "the registry stored the manifest as \(RegistryError.quoted(said, limit: 100)), "
                    + "it is \(manifest.digest)")
        }
        manifests.keep(bytes, digest: manifest.digest)
    }

    func fetchManifest(
        _ wanted: String, digest: Digest?, subject: String
    ) async throws -> (descriptor: Descriptor, bytes: [UInt8]) {
        var request = HTTPRequest("GET", address("manifests/\(wanted)"))
        request.headers = Self.acceptedManifests
        request.collectLimit = Self.manifestLimit
        let response = try await exchange(subject, .pull, request)
        guard response.status == 200 else {
            var error = refusal(response, subject)
            if response.status == 404, error.code == "NOT_FOUND" { error.code = "MANIFEST_UNKNOWN" }
            throw error
        }
        try Self.refuseEncoding(response.headers, subject: subject)
        guard !response.isCut else {
            throw RegistryError(
                code: "TOO_LARGE", subject: subject, message: "the manifest has more than \(Self.manifestLimit) bytes")
        }
        let actual = Digest.sha256(of: response.body)
        let expected = digest ?? (try? response.headers["docker-content-digest"].map { try Digest(parsing: $0) })
        if let expected, expected.algorithm == .sha256 || digest != nil, expected != actual {
            throw RegistryError(
                code: "DIGEST_MISMATCH", subject: subject,
                message: "the manifest that came has the digest \(actual), expected was \(expected)",
                url: response.url.description)
        }
        let type = try ManifestKind.mediaType(
            of: response.body, contentType: response.headers.contentType, subject: subject)
        manifests.keep(response.body, digest: actual)
        return (Descriptor(mediaType: type, digest: actual, size: Int64(response.body.count)), response.body)
    }

    private static var acceptedManifests: [(name: String, value: String)] {
        [("Accept", ManifestKind.accepted.map(\.rawValue).joined(separator: ", "))]
    }

    /// What an answer to HEAD says, if it says all of it.
    private static func descriptor(_ headers: HTTPHeaders) -> Descriptor? {
        guard let type = headers.contentType.map({ MediaType(rawValue: $0) }), ManifestKind.accepted.contains(type),
            let digest = headers["docker-content-digest"].flatMap({ try? Digest(parsing: $0) }),
            let size = headers.contentLength, size > 0, size <= manifestLimit
        else { return nil }
        return Descriptor(mediaType: type, digest: digest, size: size)
    }

    func requireOwn(_ reference: Reference) throws(RegistryError) {
        guard reference.repository == name, reference.domain == registry else {
            throw RegistryError(
                code: "NAME_INVALID", subject: reference.description,
                message: "is not in the repository \(registry)/\(name)")
        }
    }
}
