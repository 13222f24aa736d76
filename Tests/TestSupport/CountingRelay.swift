import Glibc
import LinuxSystem
import Synchronization

/// Passes connections on to a port of this machine and counts the bytes of both ways, headers and all. It stops when it
/// is released.
package final class CountingRelay: Sendable {
    private final class State: Sendable {
        let bytes = Atomic<Int>(0)
        let connections = Mutex<Set<CInt>>([])
    }

    /// The port that the system chose.
    package let port: Int
    private let listener: CInt
    private let state = State()

    /// `127.0.0.1:port`.
    package var host: String { "127.0.0.1:\(port)" }

    /// Bytes that went through so far.
    package var bytes: Int { state.bytes.load(ordering: .relaxed) }

    /// Passes on to `port`.
    package init(to target: Int) throws {
        let (listener, port) = try LoopbackSocket.listen()
        self.listener = listener
        self.port = port
        Thread.start(stackSize: 256 << 10) { [state] in
            while true {
                let client = accept(listener, nil, nil)
                if client < 0 { break }
                guard let server = LoopbackSocket.connected(to: target) else {
                    close(client)
                    continue
                }
                state.connections.withLock { $0.formUnion([client, server]) }
                Thread.start(stackSize: 256 << 10) {
                    Self.pass(client, server, state)
                    state.connections.withLock { $0.subtract([client, server]) }
                    close(client)
                    close(server)
                }
            }
            close(listener)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        state.connections.withLock { for connection in $0 { shutdown(connection, Int32(SHUT_RDWR)) } }
    }

    /// Until either side ends.
    private static func pass(_ client: CInt, _ server: CInt, _ state: State) {
        while true {
            var sides = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&sides, 2, -1) > 0 else { return }
            for (from, to) in [(0, server), (1, client)] where sides[from].revents != 0 {
                var piece: [UInt8] = []
                guard LoopbackSocket.read(sides[from].fd, into: &piece), LoopbackSocket.write(piece, to: to) else {
                    return
                }
                state.bytes.add(piece.count, ordering: .relaxed)
            }
        }
    }
}
