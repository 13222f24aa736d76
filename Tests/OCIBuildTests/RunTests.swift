import Glibc
import LinuxSystem
import OCIBuild
import Testing

@Suite("RUN")
struct RunTests {
    @Test("a failing command's status, last lines and place are told, and the store is as before")
    func failure() async throws {
        let workshop = try await Workshop()
        let error = await #expect(throws: StepError.self) {
            try await workshop.build(
                "FROM base\n\nRUN echo before > /x\nRUN echo first; \\\n  echo last >&2; exit 42\n")
        }
        let failure = try #require(error?.cause as? BuildFailure)
        #expect(failure.status == 42)
        #expect(failure.output == Array("first\nlast\n".utf8))
        #expect(error?.lines == 4...5)
        #expect(error?.step.title.hasPrefix("RUN echo first;") == true)
        let killed = await #expect(throws: StepError.self) {
            try await workshop.build("FROM base\nRUN sh -c 'kill -9 $$; true'; exit $?\n")
        }
        #expect((killed?.cause as? BuildFailure)?.status == 137)
        #expect(try workshop.builder.store.verify().problems.isEmpty)
        #expect(try await workshop.record("FROM base\nRUN echo before > /x\n").done == [])
        try workshop.expectClean()
    }

    @Test("the user, the home folder and the environment are those of the definition", arguments: Workshop.rungs)
    func identity(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop(environment: ["SECRET": "host", "HTTP_PROXY": "http://u:p@proxy.invalid:1"])
        var options = BuildOptions()
        options.isolation = isolation
        let recording = try await workshop.record(
            """
            FROM base
            RUN printf 'staff:x:50:app\\n' >> /etc/group
            ENV A=1
            ARG B=2
            RUN echo $A $B $HOME $SECRET
            RUN ["echo", "$A", "exec form"]
            USER app
            RUN echo $(id -u) $(id -g) $(id -G) $HOME
            USER 77
            RUN echo $(id -u) $(id -g) $HOME
            USER 77:88
            RUN echo $(id -u) $(id -g)
            USER app:staff
            RUN echo $(id -u) $(id -g)
            """, options: options)
        #expect(
            recording.output
                == "1 2 /root\n$A exec form\n1000 1000 1000 50 /home/app\n77 0 /\n77 88\n1000 50\n")
        for user in ["nobodyhere", "app:none", "4294967296", "2147483648"] {
            let error = await #expect(throws: StepError.self) {
                try await workshop.build("FROM base\nUSER \(user)\nRUN true\n", options: options)
            }
            #expect(error.map { "\($0)" }?.contains(user) == true)
        }
    }

    @Test("an account file may be a link, may lie in any layer, and is never the host's")
    func accountFiles() async throws {
        let workshop = try await Workshop()
        let recording = try await workshop.record(
            """
            FROM base
            RUN mkdir /real && cp /etc/passwd /real/users && sed -i s/1000/1234/ /real/users
            RUN rm /etc/passwd && ln -s ../../../real/users /etc/passwd
            USER app
            RUN id -u
            USER 0
            RUN rm /real/users
            RUN id -u
            """)
        #expect(recording.output == "1234\n0\n")
        await #expect(throws: StepError.self) {
            try await workshop.build("FROM base\nRUN rm /etc/passwd && mkfifo /etc/passwd\nUSER app\nRUN id\n")
        }
    }

    @Test(
        "a command that changes nothing makes no layer, and what it is lent leaves no trace", arguments: Workshop.rungs)
    func traceless(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        var options = BuildOptions()
        options.isolation = isolation
        options.extraHosts = ["added:192.0.2.7"]
        let recording = try await workshop.record(
            "FROM base\nRUN test -s /etc/resolv.conf && cat /etc/hosts\nRUN true\nRUN echo x > /x; rm /x\n",
            options: options)
        #expect(recording.output.contains("192.0.2.7\tadded"))
        let details = try await workshop.details(recording.image)
        #expect(details.manifest.layers.count <= 2)
        #expect(details.config.history.filter { $0.emptyLayer == true }.count == 2)
        let listing = try workshop.listing(try await workshop.tree(recording.image))
        #expect(!listing.contains { $0.contains("resolv.conf") || $0.contains("hosts") || $0.hasPrefix("dev") })
        try workshop.expectClean()
    }

    @Test("without network there is only the loopback device")
    func network() async throws {
        let workshop = try await Workshop(environment: ["http_proxy": "http://proxy.invalid:1"])
        let text = "FROM base\nRUN --network=none cat /proc/net/dev | wc -l; cat /etc/hosts; echo proxy=$http_proxy\n"
        let recording = try await workshop.record(text)
        #expect(recording.output.hasPrefix("3\n127.0.0.1\tlocalhost\n"))
        #expect(recording.output.hasSuffix("proxy=\n"))
        var options = BuildOptions()
        options.network = .none
        let all = try await workshop.record("FROM base\nRUN cat /proc/net/dev | wc -l\n", options: options)
        #expect(all.output == "3\n")
        #expect(try await workshop.record("FROM base\nRUN cat /proc/net/dev | wc -l\n").done.count == 1)
    }

    @Test("proxies are seen by commands, and by nothing that stays")
    func proxies() async throws {
        let secret = "http://user:hunter2@proxy.invalid:3128"
        let workshop = try await Workshop(environment: ["HTTPS_PROXY": secret, "no_proxy": "localhost"])
        var options = BuildOptions(tags: [try Reference(parsing: "result")])
        options.buildArguments = ["HTTP_PROXY": "http://hunter3@arg.invalid"]
        let text = "FROM base\nRUN echo $HTTPS_PROXY $no_proxy $HTTP_PROXY\n"
        #expect(
            try await workshop.record(text, options: options).output
                == "\(secret) localhost http://hunter3@arg.invalid\n")
        let other = try Builder(root: workshop.builder.root, environment: [:])
        let events = EventLog()
        _ = try await other.build(.text(text), context: nil) { events.add($0) }
        #expect(events.all.contains { if case .stepCached = $0 { true } else { false } })
        // Nowhere below the store, compressed blobs included: the layer is empty and the documents are plain.
        let found = try workshop.shell("grep -rlE 'hunter[23]' \(workshop.builder.root) || true")
        #expect(found == "")
        options.passesProxies = false
        options.buildArguments = [:]
        options.usesCache = false
        #expect(try await workshop.record(text, options: options).output == "\n")
    }

    @Test("an authority of the host is trusted during a command and not stored", arguments: Workshop.rungs)
    func authorities(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        try workshop.shell(
            """
            printf -- '-----BEGIN CERTIFICATE-----\\nQUFB\\n-----END CERTIFICATE-----\\n' > image.pem
            (cat image.pem; printf -- '-----BEGIN CERTIFICATE-----\\nRVhUUkE=\\n-----END CERTIFICATE-----\\n') > ../host.pem
            """)
        var options = BuildOptions()
        options.isolation = isolation
        options.caBundle = "\(workshop.scratch.path)/host.pem"
        let recording = try await workshop.record(
            """
            FROM base
            COPY image.pem /etc/ssl/certs/ca-certificates.crt
            RUN cat $SSL_CERT_FILE && cat $APT_CONFIG && test $PIP_CERT = $SSL_CERT_FILE -a $REQUESTS_CA_BUNDLE = $SSL_CERT_FILE
            """, options: options)
        #expect(recording.output.contains("QUFB") && recording.output.contains("RVhUUkE="))
        #expect(recording.output.contains("CAInfo"))
        let details = try await workshop.details(recording.image)
        #expect(details.manifest.layers.count == 2)
        #expect(details.config.config.env == ["PATH=/bin"])
        options.caBundle = ""
        options.usesCache = false
        #expect(
            try await workshop.record("FROM base\nRUN echo none=$SSL_CERT_FILE\n", options: options).output == "none=\n"
        )
        // An image that trusts all that the host does is left alone.
        options.caBundle = "\(workshop.context)/image.pem"
        let same = try await workshop.record(
            "FROM base\nCOPY image.pem /etc/ssl/certs/ca-certificates.crt\nRUN echo none=$SSL_CERT_FILE\n",
            options: options)
        #expect(same.output == "none=\n")
    }

    @Test("a build that is cancelled leaves no process, mount or temporary file", arguments: Workshop.rungs)
    func cancellation(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        var options = BuildOptions()
        options.isolation = isolation
        let mark = "mark\(UInt64.random(in: 0 ... .max))"
        let build = workshop.builder.start(
            .text("FROM base\nRUN echo 1 > /done\nENV M=\(mark)\nRUN echo started; sleep 1000 & sleep 1000\n"),
            context: nil,
            options: options)
        for await event in build.events {
            if case .stepOutput = event { build.cancel() }
        }
        await #expect(throws: CancellationError.self) { try await build.result }
        let left = try workshop.shell("grep -alz 'M=\(mark)' /proc/[0-9]*/environ 2>/dev/null || true")
        #expect(left == "")
        try workshop.expectClean()
        #expect(try workshop.builder.store.verify().problems.isEmpty)
        #expect(try await workshop.record("FROM base\nRUN echo 1 > /done\n", options: options).cached.count == 1)
    }

    @Test("both rungs make the same layers of the same commands")
    func equalRungs() async throws {
        let workshop = try await Workshop()
        try workshop.shell("mkdir d; echo 1 > d/f")
        let text = """
            FROM base
            WORKDIR /w
            COPY d d
            RUN touch -d @5 a && ln a b && ln -s a c && chmod 700 d && mkfifo p && chown 3 b && touch -h -d @8 c && touch -d @6 p d .
            RUN rm -r d && mkdir d && touch -d @7 d/new d . && rm /etc/group && touch -d @9 /etc
            USER app
            RUN rm -rf /tmp/none
            USER root
            RUN mkdir -p /n/e/s/t && mv /w/c /n/x && touch -d @9 /n/e/s /n/e/s/t /n/e /n /w && touch -d @10 /
            """
        var diffIDs: [[Digest]] = []
        for isolation in Workshop.rungs {
            var options = BuildOptions()
            options.isolation = isolation
            options.usesCache = false
            let image = try await workshop.build(text, options: options)
            diffIDs.append(try await workshop.details(image).config.rootfs.diffIDs)
        }
        #expect(diffIDs[0] == diffIDs[1])
        #expect(diffIDs[0].count == 6)
    }
}
