import Glibc
import LinuxSystem
import Synchronization

/// Passes connections on to another port of this machine and counts the bytes, so that what each builder sends and
/// receives is known whatever it is. It uses send(2) and recv(2), which the counters of proc_pid_io(5) leave out.
final class CountingProxy: Sendable {
    /// Bytes so far.
    struct Traffic {
        /// To the registry.
        let sent: Int64
        /// From the registry.
        let received: Int64
    }

    /// Where clients connect.
    let port: Int
    private let target: Int
    private let listener: CInt
    private let sent = Atomic<Int64>(0)
    private let received = Atomic<Int64>(0)

    /// Listens on a free port of the loopback; `target` is a port there too.
    init(to target: Int) throws {
        self.target = target
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard listener >= 0, bound, listen(listener, 64) == 0 else {
            throw BenchError("no port can be opened on 127.0.0.1: error \(errno)")
        }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.start { self.accept() }
    }

    var traffic: Traffic {
        Traffic(sent: sent.load(ordering: .relaxed), received: received.load(ordering: .relaxed))
    }

    /// Takes no more connections.
    func close() { shutdown(listener, CInt(SHUT_RDWR)) }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                Glibc.close(listener)
                return
            }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            let server = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
            var address = Self.loopback(UInt16(target))
            let connected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard connected else {
                Glibc.close(client)
                Glibc.close(server)
                continue
            }
            for end in [client, server] {
                var yes: CInt = 1
                setsockopt(end, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
            }
            // Whichever direction ends last closes both.
            let directions = Directions()
            Thread.start { self.pass(client, server, { self.sent.add($0, ordering: .relaxed) }, directions) }
            Thread.start { self.pass(server, client, { self.received.add($0, ordering: .relaxed) }, directions) }
        }
    }

    private final class Directions: Sendable {
        let open = Atomic<Int>(2)
    }

    private func pass(_ from: CInt, _ to: CInt, _ count: (Int64) -> Void, _ directions: Directions) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        passing: while true {
            let length = recv(from, buffer.baseAddress, buffer.count, 0)
            if length < 0, errno == EINTR { continue }
            guard length > 0 else { break }
            count(Int64(length))
            var done = 0
            while done < length {
                let written = send(to, buffer.baseAddress! + done, length - done, CInt(MSG_NOSIGNAL))
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { break passing }
                done += written
            }
        }
        shutdown(to, CInt(SHUT_WR))
        shutdown(from, CInt(SHUT_RD))
        if directions.open.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
            Glibc.close(from)
            Glibc.close(to)
        }
    }

    static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
