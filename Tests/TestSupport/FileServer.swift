import Glibc
import LinuxSystem

/// Python's own web server over a folder, on a free loopback port. It stops when it is released, and at the latest with
/// the process that started it.
package final class FileServer: Sendable {
    /// Where the folder is found: `http://127.0.0.1:port`.
    package let address: String
    private let process: pid_t
    /// The server reads from its other end, and stops when nobody holds this one any more.
    private let life: CInt

    /// Serves `folder` and waits until it accepts connections.
    package init(_ folder: Path) throws {
        let port = try LoopbackSocket.freePort()
        address = "http://127.0.0.1:\(port)"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw RegistryProcess.Unavailable(description: "no pipe can be made") }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        life = ends[1]
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let program = """
            import http.server, os, sys, threading
            from functools import partial
            threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
            handler = partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
            http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), handler).serve_forever()
            """
        let words = ["python3", "-c", program, folder.description, "\(port)"]
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        guard posix_spawnp(&child, "python3", &actions, nil, &arguments, environ) == 0 else {
            throw RegistryProcess.Unavailable(description: "python3 cannot be started: install the package python3")
        }
        process = child
        var tries = 0
        while !LoopbackSocket.isOpen(port: port) {
            tries += 1
            guard tries < 600, kill(process, 0) == 0 else {
                throw RegistryProcess.Unavailable(description: "python3 -m http.server did not start")
            }
            usleep(50_000)
        }
    }

    deinit {
        close(life)
        kill(process, SIGKILL)
        var status: CInt = 0
        waitpid(process, &status, 0)
    }
}
