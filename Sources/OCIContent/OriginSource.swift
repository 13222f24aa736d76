import LinuxSystem
import OCISpec
import Synchronization

/// An error that may say that a place has no such blob, as opposed to not answering, or not for this account.
package protocol AbsenceReport: Error {
    /// True where asking again is in vain.
    var saysAbsent: Bool { get }
}

extension ContentError: AbsenceReport {
    package var saysAbsent: Bool { code == .blobMissing }
}

/// Reads blobs from where they are known to be besides the store: the latest place first, the next where one fails.
package struct OriginSource: BlobSource {
    /// Opens a place as ``BlobOrigins`` lists it. Connects to nothing yet.
    package typealias Opener = @Sendable (_ place: String) throws -> any BlobSource

    /// What is known.
    package let origins: BlobOrigins
    private let open: Opener
    private let lastResorts: [String]

    /// A reader of these origins.
    /// - Parameter lastResorts: places that are asked when all others failed, whatever the blob.
    package init(_ origins: BlobOrigins, lastResorts: [String] = [], open: @escaping Opener) {
        self.origins = origins
        self.lastResorts = lastResorts
        self.open = open
    }

    /// The same, with one more place to ask when all others failed.
    package func trying(_ place: String) -> OriginSource {
        OriginSource(origins, lastResorts: lastResorts + [place], open: open)
    }

    /// Where the blob is looked for, in order.
    package func places(of digest: Digest) -> [String] {
        let known = origins.places(of: digest)
        return known + lastResorts.filter { !known.contains($0) }
    }

    /// Whether anything is known of the blob. Asks nobody.
    package func knows(_ digest: Digest) -> Bool { !places(of: digest).isEmpty }

    /// Asks the places. One that cannot be asked counts as not having it.
    package func contains(_ blob: Descriptor) async throws -> Bool {
        for place in places(of: blob.digest) {
            try Task.checkCancellation()
            if let source = try? open(place), (try? await source.contains(blob)) == true { return true }
        }
        return false
    }

    /// As `BlobSource` says. Where a place fails after it gave bytes, that is the end: nothing says that they were right.
    package func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        let begun = Begun()
        try await tryPlaces(of: blob, isOver: { begun.isSet }) { source in
            try await source.stream(blob) { piece in
                begun.set()
                try body(piece)
            }
        }
    }

    /// As `BlobSource` says: the file of a place on this machine.
    package func file(of blob: Descriptor) async throws -> BlobFile? {
        for place in places(of: blob.digest) where place.hasPrefix(BlobOrigins.layoutPrefix) {
            if let source = try? open(place), let file = try? await source.file(of: blob) { return file }
        }
        return nil
    }

    /// Brings the blob to `target` from the first place that gives it whole.
    package func bring(
        _ blob: Descriptor, to target: any BlobTarget, progress: @escaping @Sendable (Int64) -> Void
    ) async throws {
        try await tryPlaces(of: blob, isOver: { false }) { source in
            try await target.ingest(blob, from: source, progress: progress)
        }
    }

    private func tryPlaces(
        of blob: Descriptor, isOver: () -> Bool, _ body: (any BlobSource) async throws -> Void
    ) async throws {
        var failures: [String] = []
        for place in places(of: blob.digest) {
            do {
                return try await body(open(place))
            } catch {
                if isOver() || error is CancellationError { throw error }
                try Task.checkCancellation()
                failures.append("asked \(place): \(error)")
                // So a build that is tried again does the step anew instead of asking there once more.
                if (error as? any AbsenceReport)?.saysAbsent == true {
                    try? await BlockingPool.shared.run { [origins] in try origins.forget(blob.digest, at: place) }
                }
            }
        }
        let remedy = "pull or push the image again that it belongs to, or build with --no-cache"
        guard !failures.isEmpty else {
            throw ContentError(
                .blobMissing, blob.digest.description,
                "is not in the store \(origins.store), and nothing says where else it is: \(remedy)")
        }
        throw ContentError(
            .blobMissing, blob.digest.description,
            "is not in the store \(origins.store), and could not be had elsewhere ("
                + failures.joined(separator: "; ") + "): \(remedy)")
    }

    private final class Begun: Sendable {
        private let flag = Atomic(false)
        var isSet: Bool { flag.load(ordering: .relaxed) }
        func set() { flag.store(true, ordering: .relaxed) }
    }
}
