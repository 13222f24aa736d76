import LinuxSystem
import OCISpec

/// What a check of a whole store found.
public struct StoreReport: Sendable {
    /// Blobs whose content was read and held against their name.
    public var checkedBlobs = 0
    /// Bytes read.
    public var checkedBytes: Int64 = 0
    /// What is wrong. Each names a file or an image and what to do.
    public var problems: [ContentError] = []
    /// Blobs that images name but that are not here. That is no fault: a build that is only pushed does not fetch what
    /// it need not read, and where they are is known (see ``BlobOrigins``).
    public var absent: [Descriptor] = []
}

extension LocalStore {
    /// Reads every blob and every name, and tells what is broken. For a thread that may block.
    public func verify() throws -> StoreReport {
        var report = StoreReport()
        for algorithm in try DirectoryListing.entries(at: root / "blobs").map(\.name).sorted() {
            let directory = root / "blobs" / algorithm
            guard try FileSystem.status(directory).type == .directory else {
                report.problems.append(
                    ContentError(.storeUnsafe, directory.description, "is no directory of blobs; remove it"))
                continue
            }
            for name in try DirectoryListing.entries(at: directory).map(\.name).sorted() {
                try verifyBlob(directory / name, named: "\(algorithm):\(name)", &report)
            }
        }
        var seen: Set<Digest> = []
        do {
            for entry in try layout.index().manifests {
                verifyImage(entry, &seen, &report, depth: 0)
            }
        } catch let error as ContentError {
            report.problems.append(error)
        }
        return report
    }

    private func verifyBlob(_ path: Path, named name: String, _ report: inout StoreReport) throws {
        guard let digest = try? Digest(parsing: name) else {
            report.problems.append(
                ContentError(.storeUnsafe, path.description, "is no blob but lies among them; remove it"))
            return
        }
        let status = try FileSystem.status(path)
        report.checkedBlobs += 1
        report.checkedBytes += status.size
        do {
            try layout.read(Descriptor(mediaType: .ociEmpty, digest: digest, size: status.size)) { _ in }
        } catch let error as ContentError {
            report.problems.append(error)
        } catch {
            report.problems.append(ContentError(.blobCorrupt, path.description, "\(error); remove that file"))
        }
    }

    private func verifyImage(
        _ node: Descriptor, _ seen: inout Set<Digest>, _ report: inout StoreReport, depth: Int
    ) {
        guard seen.insert(node.digest).inserted, depth <= Document.deepestIndex else { return }
        do {
            guard try layout.contains(node) else {
                if depth == 0 {
                    report.problems.append(
                        ContentError(
                            .blobMissing, node.annotations?[AnnotationKey.referenceName] ?? node.digest.description,
                            "its manifest \(node.digest) is not in the store; remove the image or pull it again"))
                } else {
                    report.absent.append(node)
                }
                return
            }
            guard node.mediaType.isIndex || node.mediaType.isManifest else { return }
            for child in try layout.children(of: node) {
                verifyImage(child, &seen, &report, depth: depth + 1)
            }
        } catch let error as ContentError {
            // A corrupt blob was reported when it was read as one.
            if error.code != .digestMismatch, error.code != .sizeMismatch { report.problems.append(error) }
        } catch {
            report.problems.append(ContentError(.blobCorrupt, node.digest.description, "\(error)"))
        }
    }
}
