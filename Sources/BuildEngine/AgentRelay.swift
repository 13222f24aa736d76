import CLinux
import Glibc
import LinuxSystem
import Synchronization

/// A socket for a step, whose connections go on to an SSH agent of the host. The agent sees the builder, not the step:
/// agents answer no other user than their own, and the step may run as anybody.
final class AgentRelay: Sendable {
    /// Connections at one time; more wait to be accepted. Each costs the builder a thread and two descriptors, and a step
    /// may open as many as it likes.
    private static let mostConnections = 32

    /// Counts the connections that are open.
    private final class Connections: Sendable {
        private let open = Mutex(0)

        /// One more or less than before; the number there are now.
        @discardableResult
        func change(by difference: Int) -> Int {
            open.withLock { open in
                open += difference
                return open
            }
        }
    }

    private let stop: OwnedDescriptor

    /// Listens at `name` in `folder` until the object goes. Without an owner the socket belongs to this process's user,
    /// who then is all the users of a step.
    init(folder: Path, name: Path, mode: UInt16, owner: (uid: UInt32, gid: UInt32)?, agent: Path) throws {
        // Asked for once now, so that an agent that is not there is told before the step begins.
        _ = try Self.connect(to: agent)
        let listener = try Self.socket()
        try Self.call("bind", folder / name, in: folder) { Glibc.bind(listener.raw, $0, $1) }
        if let owner { try FileSystem.setOwner(folder / name, uid: owner.uid, gid: owner.gid) }
        try FileSystem.setMode(folder / name, mode)
        _ = try checked("listen", folder / name) { listen(listener.raw, 64) }
        var ends: [CInt] = [0, 0]
        _ = try checked("pipe") { clinux_pipe(&ends) }
        stop = OwnedDescriptor(adopting: ends[1])
        let stopped = ends[0]
        let number = listener.release()
        let isStarted = Thread.start {
            let listener = OwnedDescriptor(adopting: number)
            let end = OwnedDescriptor(adopting: stopped)
            Self.accept(listener, until: end, agent)
        }
        guard isStarted else {
            close(number)
            close(stopped)
            throw SystemError("start a thread", folder / name, errno: .again)
        }
    }

    private static func accept(
        _ listener: borrowing OwnedDescriptor, until end: borrowing OwnedDescriptor, _ agent: Path
    ) {
        let connections = Connections()
        var isFull = false
        while true {
            // While nothing can be accepted, only the end is waited for, and that not for long.
            var polls = [isFull ? -1 : listener.raw, end.raw].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let found = try? checked("poll", nil, { poll(&polls, 2, isFull ? 20 : -1) })
            guard found != nil, polls[1].revents == 0 else { return }
            isFull = connections.change(by: 0) >= mostConnections
            guard !isFull, polls[0].revents != 0 else { continue }
            let number = Glibc.accept(listener.raw, nil, nil)
            guard number >= 0 else {
                // No descriptor is left for it, say.
                isFull = true
                continue
            }
            _ = fcntl(number, F_SETFD, FD_CLOEXEC)
            connections.change(by: 1)
            let isStarted = Thread.start {
                defer { connections.change(by: -1) }
                let step = OwnedDescriptor(adopting: number)
                guard let agent = try? Self.connect(to: agent) else { return }
                Self.pass(step, agent)
            }
            guard isStarted else {
                close(number)
                connections.change(by: -1)
                isFull = true
                continue
            }
        }
    }

    /// Passes bytes both ways until either side ends. A step's connections end with the step.
    private static func pass(_ step: borrowing OwnedDescriptor, _ agent: borrowing OwnedDescriptor) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)
        defer { buffer.deallocate() }
        var polls = [step.raw, agent.raw].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while (try? checked("poll", nil, { poll(&polls, 2, -1) })) != nil {
            for index in 0..<2 where polls[index].revents != 0 {
                let count = recv(polls[index].fd, buffer.baseAddress, buffer.count, 0)
                guard count > 0 else { return }
                var sent = 0
                while sent < count {
                    let part = send(
                        polls[1 - index].fd, buffer.baseAddress?.advanced(by: sent), count - sent,
                        CInt(MSG_NOSIGNAL))
                    guard part > 0 else { return }
                    sent += part
                }
            }
        }
    }

    private static func connect(to agent: Path) throws -> OwnedDescriptor {
        let socket = try socket()
        do {
            try call("connect", agent, in: agent.parent ?? ".") { Glibc.connect(socket.raw, $0, $1) }
        } catch {
            throw EngineError(
                .agent, agent.description,
                "no SSH agent answers at \(agent): \(error); start one with \"eval $(ssh-agent)\" and ssh-add, or name "
                    + "its socket with --ssh default=SOCKET")
        }
        return socket
    }

    private static func socket() throws(SystemError) -> OwnedDescriptor {
        OwnedDescriptor(
            adopting: try checked("socket") {
                Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            })
    }

    /// An address has room for 107 bytes; paths are longer, so they are named by way of an open directory.
    private static func call(
        _ operation: String, _ path: Path, in folder: Path,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) throws(SystemError) {
        let directory = try OwnedDescriptor.open(folder, CLINUX_O_PATH | CLINUX_O_DIRECTORY)
        let name = "/proc/self/fd/\(directory.raw)/\(path.lastComponent ?? "")".utf8
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SystemError("socket", path, errno: Errno(code: ENAMETOOLONG))
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        _ = try checked(operation, path) {
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
            }
        }
    }
}
