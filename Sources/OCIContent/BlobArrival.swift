import Glibc
import LinuxSystem
import OCISpec

/// A blob on its way into a store, for one who reads it while it comes: see ``LocalStore/ingest(_:from:arrival:progress:)``.
///
/// What is read is not verified before the ingest has returned; until then nothing made of it may be kept.
// @unchecked Sendable: all that changes is read and written under the monitor's lock.
package final class BlobArrival: @unchecked Sendable {
    private let blob: Descriptor
    private let monitor = Monitor()
    private var file: OpenFile?
    private var count: Int64 = 0
    private var isOver = false

    /// Nothing of it is there yet.
    package init(of blob: Descriptor) { self.blob = blob }

    /// It is being written to this file.
    func begin(at path: Path) throws(SystemError) {
        let opened = try OpenFile(path)
        monitor.locked {
            file = opened
            count = 0
        }
    }

    /// So many bytes of it are in the file.
    func advance(to count: Int64) {
        monitor.locked {
            self.count = count
            monitor.wake()
        }
    }

    /// It is all in the file at `path`, or, with nil, will never be. To be called once by whoever had it ingested.
    package func end(at path: Path?) {
        monitor.locked {
            // The file that it came through is the same, if it came through one.
            if let path, file == nil { file = try? OpenFile(path) }
            count = path == nil || file == nil ? count : blob.size
            isOver = true
            monitor.wake()
        }
    }

    /// A reader of the whole blob, which waits for what is not there yet. Where the blob stops to come it throws
    /// `ContentError.Code.blobMissing`; why, the ingest tells. There can be one.
    package func reader() -> any ByteReader { Reader(self) }

    /// Open before it gets its final name, under which another process's may come to stand.
    private final class OpenFile: Sendable {
        let descriptor: OwnedDescriptor

        init(_ path: Path) throws(SystemError) { descriptor = try OwnedDescriptor.open(path, O_RDONLY) }
    }

    private final class Reader: ByteReader {
        private let arrival: BlobArrival
        private var offset: Int64 = 0

        init(_ arrival: BlobArrival) { self.arrival = arrival }

        func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
            guard buffer.count > 0, offset < arrival.blob.size else { return 0 }
            let (file, room) = try arrival.waitForBytes(after: offset)
            let wanted = Int(clamping: min(Int64(buffer.count), room))
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            let length = try file.descriptor.read(into: target, at: offset)
            offset += Int64(length)
            return length
        }
    }

    private func waitForBytes(after offset: Int64) throws(ContentError) -> (OpenFile, Int64) {
        let found = monitor.locked {
            while count <= offset, !isOver { monitor.wait() }
            return count > offset ? file.map { ($0, count - offset) } : nil
        }
        guard let found else {
            throw ContentError(.blobMissing, blob.digest.description, "stopped to arrive after \(offset) bytes")
        }
        return found
    }
}
