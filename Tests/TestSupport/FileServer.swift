import Glibc
import LinuxSystem

/// Python's own web server over a folder, on a free loopback port. It stops when it is released.
package final class FileServer: Sendable {
    /// Where the folder is found: `http://127.0.0.1:port`.
    package let address: String
    private let process: pid_t

    /// Serves `folder` and waits until it accepts connections.
    package init(_ folder: Path) throws {
        let port = try LoopbackSocket.freePort()
        address = "http://127.0.0.1:\(port)"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let words = ["python3", "-m", "http.server", "-b", "127.0.0.1", "-d", folder.description, "\(port)"]
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
        kill(process, SIGKILL)
        var status: CInt = 0
        waitpid(process, &status, 0)
    }
}
