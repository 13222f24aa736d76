import OCISpec

extension Repository {
    private struct TagList: Decodable {
        var tags: [String]?
    }

    /// How many pages of tags, and how many tags, are read before it is the registry's fault.
    private static let mostPages = 1000
    private static let mostTags = 1_000_000

    /// All tags, in the registry's order, or an error: never only some of them.
    ///
    /// See <https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags>. A repository that the
    /// registry does not know is an error with the status 404.
    public func tags() async throws -> [String] {
        let (tags, rest) = try await tags(pages: Self.mostPages)
        guard rest == nil else {
            throw RegistryError(
                code: "BAD_ANSWER", subject: "\(registry)/\(name)",
                message: "after \(tags.count) tags the registry names a further page that it named before, or that "
                    + "lies elsewhere, or one page too many: \(rest?.description ?? "")")
        }
        return tags
    }

    /// The tags of the first pages, and the address of the page that would follow.
    private func tags(pages: Int) async throws -> (tags: [String], rest: WebAddress?) {
        let subject = "\(registry)/\(name)"
        var tags: [String] = []
        let first = address("tags/list").adding(query: "n=1000")
        var next: WebAddress? = first
        var seen: Set<String> = []
        while let url = next, seen.count < pages, tags.count < Self.mostTags, url.origin == first.origin,
            seen.insert(url.text).inserted
        {
            var request = HTTPRequest("GET", url)
            request.collectLimit = Self.manifestLimit
            // What a proxy remembers may lack the tag that was put a moment ago.
            request.headers = [("Cache-Control", "no-cache")]
            let response = try await exchange(subject, .pull, request)
            guard response.status == 200, !response.isCut else { throw refusal(response, subject) }
            let list: TagList
            do {
                list = try CanonicalJSON.decode(TagList.self, from: response.body)
            } catch {
                throw RegistryError(
                    code: "BAD_ANSWER", subject: subject, message: "the list of tags is not one: \(error)",
                    url: response.url.description)
            }
            tags += list.tags ?? []
            next = Self.nextPage(response.headers, from: url)
        }
        return (tags, next)
    }

    /// The address in `Link: <…>; rel="next"`.
    private static func nextPage(_ headers: HTTPHeaders, from url: WebAddress) -> WebAddress? {
        for link in headers.all("link") where link.contains("rel=\"next\"") || link.contains("rel=next") {
            guard let start = link.firstIndex(of: "<"), let end = link[start...].firstIndex(of: ">") else { continue }
            let target = String(link[link.index(after: start)..<end])
            if let next = try? WebAddress(parsing: target, relativeTo: url) {
                // Behind a proxy that ends TLS some registries name themselves with http.
                return next.origin.host == url.origin.host ? next.moved(to: url.origin) : next
            }
        }
        return nil
    }

    /// Adds the tags that come nearest to a missing one, if the registry tells.
    func suggest(_ error: inout RegistryError, instead wanted: String) async {
        guard let tags = try? await tags(pages: 1).tags else {
            error.nextStep = error.nextStep ?? "check the name; a private image needs: ocibuild login \(registry)"
            return
        }
        let near = Self.nearest(to: wanted, among: tags)
        if tags.isEmpty {
            error.nextStep = "the repository has no tags"
        } else if near.isEmpty {
            let some = tags.suffix(5).map { RegistryError.quoted($0, limit: 128) }.joined(separator: ", ")
            error.nextStep = "there is no tag like it; among its tags are \(some)"
        } else {
            error.nextStep =
                "did you mean \(near.map { RegistryError.quoted($0, limit: 128) }.joined(separator: ", "))?"
        }
    }

    /// At most three tags that a person may have meant.
    static func nearest(to wanted: String, among tags: [String]) -> [String] {
        let target = Array(wanted.utf8.prefix(EditDistance.longest))
        let limit = max(min(2, target.count / 2), target.count / 3)
        let scored = tags.compactMap { tag -> (tag: String, score: Int)? in
            let bytes = Array(tag.utf8.prefix(EditDistance.longest))
            let distance = EditDistance.between(target, bytes, atMost: max(2, limit))
            if bytes.starts(with: target) || target.starts(with: bytes) { return (tag, min(distance ?? 2, 2)) }
            return distance.flatMap { $0 <= limit ? (tag, $0) : nil }
        }
        return scored.sorted { ($0.score, $0.tag.utf8.count, $0.tag) < ($1.score, $1.tag.utf8.count, $1.tag) }
            .prefix(3).map(\.tag)
    }
}
