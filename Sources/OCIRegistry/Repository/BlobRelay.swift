import Glibc
import LinuxSystem
import Synchronization

/// Hands a blob's bytes from the thread that receives them to the one that sends them on, a few at a time: the sender's
/// pace is the receiver's. One writer, one reader.
///
/// The last byte is held back until ``finish()``, so that the other side never has the whole of a blob that turned out
/// to be another.
final class BlobRelay: HTTPBodyStream {
    /// The reader wants no more; why is the reader's to say.
    struct ReaderGone: Error {}

    private let size: Int64
    private let input: CInt
    private let output: CInt
    private let isBegun = Atomic(false)
    private let state = Mutex((written: Int64(0), held: UInt8?.none))

    /// For a blob of so many bytes, at least one.
    init(size: Int64) throws(SystemError) {
        self.size = size
        var ends: (CInt, CInt) = (-1, -1)
        _ = try checked("socketpair") {
            withUnsafeMutableBytes(of: &ends) {
                let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
                return socketpair(AF_UNIX, type, 0, $0.assumingMemoryBound(to: CInt.self).baseAddress)
            }
        }
        (input, output) = ends
        // More than a socket has by itself, as far as the machine allows: fewer turns between the two threads.
        var room: CInt = 1 << 20
        setsockopt(input, SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<CInt>.size))
    }

    deinit {
        close(input)
        close(output)
    }

    // MARK: Writer

    /// Passes bytes on; blocks while the reader is behind. Throws ``ReaderGone`` when it has gone.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var bytes = bytes
        let last = state.withLock { state -> UInt8? in
            state.written += Int64(bytes.count)
            guard state.written == size, let last = bytes.last else { return nil }
            state.held = last
            return last
        }
        if last != nil { bytes = UnsafeRawBufferPointer(rebasing: bytes.dropLast()) }
        try send(bytes)
    }

    /// Says that all was written and found right.
    func finish() throws {
        if let last = state.withLock({ $0.held.take() }) {
            try withUnsafeBytes(of: last) { try send($0) }
        }
        abandon()
    }

    /// Ends the stream where it stands. The reader finds it too short.
    func abandon() { shutdown(input, Int32(SHUT_WR)) }

    private func send(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while rest.count > 0 {
            let count = Glibc.send(input, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            if count < 0 {
                let error = Errno.current
                if error == .interrupted { continue }
                if error == Errno(code: EPIPE) { throw ReaderGone() }
                throw SystemError("send", errno: error)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    // MARK: Reader

    func begin() -> Bool { !isBegun.exchange(true, ordering: .relaxed) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try checked("read") { Glibc.read(output, buffer.baseAddress, buffer.count) }
    }

    /// Says that the reader wants no more.
    func stop() { shutdown(output, Int32(SHUT_RD)) }
}
