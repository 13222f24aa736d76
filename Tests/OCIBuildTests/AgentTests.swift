import LinuxSystem
import OCIBuild
import Testing

/// `RUN --mount=type=ssh` with OpenSSH's own agent.
@Suite("SSH agents")
struct AgentTests {
    /// An agent with one key, for as long as the object lives.
    private final class Agent: Sendable {
        let folder: TemporaryDirectory
        let socket: String
        let fingerprint: String
        private let process: String

        init(_ workshop: Workshop) throws {
            folder = try TemporaryDirectory(prefix: "agent-")
            socket = "\(folder.path)/socket"
            let answer = try workshop.shell(
                """
                command -v ssh-agent ssh-add ssh-keygen > /dev/null || { echo 'install the Debian package openssh-client' >&2; exit 1; }
                eval $(ssh-agent -a \(socket)) > /dev/null
                ssh-keygen -q -t ed25519 -N '' -C test-key -f \(folder.path)/key
                SSH_AUTH_SOCK=\(socket) ssh-add -q \(folder.path)/key 2>/dev/null
                echo $SSH_AGENT_PID; ssh-keygen -lf \(folder.path)/key | cut -d' ' -f2
                """
            ).split(separator: "\n")
            process = String(answer[0])
            fingerprint = String(answer[1])
        }

        deinit { _ = try? ChildProcess.run(["/bin/kill", process]) }
    }

    @Test("a step reaches the agent, whoever it runs as, and nothing of it stays", arguments: Workshop.rungs)
    func forwarding(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        let agent = try Agent(workshop)
        // The host's ssh-add with its libraries, for the base has none.
        try workshop.shell(
            """
            mkdir ssh; cp $(command -v ssh-add) ssh/; ldd ssh/ssh-add | grep -o '/[^ ]*' | xargs -I{} cp -L {} ssh/
            mv ssh/ld-linux* ssh/loader
            """)
        var options = BuildOptions()
        options.isolation = isolation
        options.agents = ["default": agent.socket, "other": agent.socket]
        let list = "/ssh/loader --library-path /ssh /ssh/ssh-add -l"
        let recording = try await workshop.record(
            """
            FROM base
            RUN --mount=type=ssh --mount=target=/ssh,source=ssh \\
                echo $SSH_AUTH_SOCK; stat -c '%a %u %g %F' $SSH_AUTH_SOCK; \(list) && \(list)
            USER app
            RUN --mount=type=ssh,id=other,target=/home/agent,uid=1000,mode=0640 --mount=target=/ssh,source=ssh,rw \\
                echo $SSH_AUTH_SOCK; stat -c '%a %u %g' $SSH_AUTH_SOCK; \(list)
            RUN --mount=type=ssh,id=absent echo "${SSH_AUTH_SOCK-none}"
            RUN --mount=type=ssh --mount=target=/ssh,source=ssh \(list) >/dev/null 2>&1 || echo denied
            """, options: options)
        let line = "256 \(agent.fingerprint) test-key (ED25519)"
        #expect(
            recording.output == """
                /run/buildkit/ssh_agent.0
                600 0 0 socket
                \(line)
                \(line)
                /home/agent
                640 1000 0
                \(line)
                none
                denied

                """)
        #expect(try await workshop.layers(recording.image).joined().isEmpty)
        try workshop.expectClean()
    }

    @Test("an agent that is not there is told before the step begins")
    func absent() async throws {
        let workshop = try await Workshop()
        var options = BuildOptions()
        options.agents = ["default": "\(workshop.scratch.path)/no-socket"]
        let error = await #expect(throws: StepError.self) {
            try await workshop.build("FROM base\nRUN --mount=type=ssh true\n", options: options)
        }
        #expect(error.map { "\($0)" }?.contains("no SSH agent answers at \(workshop.scratch.path)/no-socket") == true)
        try workshop.expectClean()
    }
}
