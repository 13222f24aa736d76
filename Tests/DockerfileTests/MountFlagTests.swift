import BuildModel
import Testing

@testable import Dockerfile

/// The keys of `RUN --mount` as the Dockerfile reference has them.
/// https://docs.docker.com/reference/dockerfile/#run---mount
@Suite struct MountFlagTests {
    private func mounts(_ flags: String, before: String = "") throws -> [StepMount] {
        let plan = try Sample.lower("FROM debian AS other\nFROM debian\nWORKDIR /w\n\(before)RUN \(flags) true\n")
        return try #require(Sample.runs(plan).last).mounts
    }

    private func mount(_ value: String, before: String = "") throws -> RunMount {
        try #require(try mounts("--mount=" + value, before: before).first).mount
    }

    @Test func bind() throws {
        #expect(try mount("target=/x") == .bind(RunMount.Bind(target: "/x", source: ".")))
        #expect(try mount("type=bind,dst=x/../y,src=/a/./b") == .bind(RunMount.Bind(target: "/w/y", source: "a/b")))
        #expect(try mount("destination=.,rw") == .bind(RunMount.Bind(target: "/w", source: ".", isWritable: true)))
        #expect(try mount("target=/x,readwrite=true,ro") == .bind(RunMount.Bind(target: "/x", source: ".")))
        #expect(
            try mount("target=/x,readonly=false,source=../up")
                == .bind(RunMount.Bind(target: "/x", source: "../up", isWritable: true)))
        #expect(try mounts("--mount=target=/x")[0].origin == .context)
        let from = try mounts(
            "--mount=target=/x,from=other,source=/a --mount=target=/y,from=other --mount=target=/z,from=i")
        #expect(from.map(\.origin) == [.step(inputIndex: 1), .step(inputIndex: 1), .step(inputIndex: 2)])
        #expect(from[0].mount == .bind(RunMount.Bind(target: "/x", source: "a", from: "other")))
    }

    @Test func cache() throws {
        #expect(
            try mount("type=cache,target=/root/.cache")
                == .cache(RunMount.Cache(target: "/root/.cache", id: "/root/.cache", source: ".")))
        #expect(
            try mount("type=CACHE,target=a/../b,sharing=Locked,uid=1,gid=2,mode=0700,ro")
                == .cache(
                    RunMount.Cache(
                        target: "/w/b", id: "b", sharing: .locked, source: ".",
                        access: RunMount.Access(uid: 1, gid: 2, mode: 0o700), isReadOnly: true)))
        let from = try mounts("--mount=type=cache,target=/c,id=x,from=other,source=/seed,sharing=private")[0]
        #expect(from.origin == .step(inputIndex: 1))
        #expect(
            from.mount
                == .cache(
                    RunMount.Cache(target: "/c", id: "x", sharing: .private, from: "other", source: "seed")))
    }

    @Test func secretsAndAgents() throws {
        #expect(try mount("type=secret,id=a/b") == .secret(RunMount.Secret(id: "a/b", target: "/run/secrets/b")))
        #expect(try mount("type=secret,target=/x/y") == .secret(RunMount.Secret(id: "y", target: "/x/y")))
        #expect(
            try mount("type=secret,source=s,env=TOKEN,required")
                == .secret(RunMount.Secret(id: "s", variable: "TOKEN", isRequired: true)))
        #expect(
            try mount("type=secret,id=s,env=T,target=f,mode=0440,uid=5,required=false")
                == .secret(
                    RunMount.Secret(
                        id: "s", target: "/w/f", variable: "T", access: RunMount.Access(uid: 5, mode: 0o440))))
        #expect(
            try mounts("--mount=type=ssh --mount=type=ssh,id=work,required=1,target=/s").map(\.mount) == [
                .ssh(RunMount.SSH(target: "/run/buildkit/ssh_agent.0")),
                .ssh(RunMount.SSH(id: "work", target: "/s", isRequired: true)),
            ])
    }

    @Test func tmpfsAndSizes() throws {
        #expect(try mount("type=tmpfs,target=/t") == .tmpfs(RunMount.Tmpfs(target: "/t")))
        for (text, bytes) in [
            ("1024", 1024), ("64k", 65536), ("64KB", 65536), ("1.5MiB", 1_572_864), ("2g", 2 << 30), ("8b", 8),
        ] as [(String, Int64)] {
            #expect(try mount("type=tmpfs,target=/t,size=\(text)") == .tmpfs(RunMount.Tmpfs(target: "/t", size: bytes)))
        }
    }

    @Test func variablesAreExpanded() throws {
        let before = "ARG kind=cache\nENV home=/home/me\n"
        #expect(
            try mount("type=$kind,target=${home}/.cache,id=id-${kind:-x},mode=${unset:-0755}", before: before)
                == .cache(
                    RunMount.Cache(
                        target: "/home/me/.cache", id: "id-cache", source: ".", access: RunMount.Access(mode: 0o755))))
        let quoted = try mount("target=/x,\\\"source=a,b\\\"")
        #expect(quoted == .bind(RunMount.Bind(target: "/x", source: "a,b")))
    }

    @Test func orderedByTarget() throws {
        let targets = try mounts(
            "--mount=target=/b/c --mount=type=secret,id=x,env=X --mount=type=tmpfs,target=/b --mount=target=/a"
        ).map(\.mount.target)
        #expect(targets == [nil, "/a", "/b", "/b/c"])
    }

    @Test func aStageOfAMountIsBuilt() throws {
        let plan = try Sample.lower(
            "FROM debian AS a\nRUN one\nFROM debian AS unused\nRUN two\nFROM debian\nRUN --mount=from=a,target=/x three\n"
                + "RUN --mount=from=scratch,target=/x --mount=from=a,source=/y,target=/y four\n")
        #expect(plan.nodes.map(\.title).filter { $0.hasPrefix("RUN") }.count == 3)
        #expect(plan.nodes.last?.inputs.count == 3)
        #expect(plan.history.map(\.createdBy) == ["RUN /bin/sh -c three", "RUN /bin/sh -c four"])
        let error = Sample.failure("FROM debian AS a\nRUN --mount=from=a,target=/x y\n")
        #expect(error?.message.hasPrefix("--from=a is the stage itself") == true)
        let circle = Sample.failure(
            "FROM debian AS a\nRUN --mount=from=b,target=/x y\nFROM debian AS b\nCOPY --from=a x /\n")
        #expect(
            circle?.message == "the stages a and b need one another"
                || circle?.message == "the stages b and a need one another")
    }

    @Test(
        arguments: [
            ("typ=bind,target=/x", "--mount has no key \"typ\"", "type"),
            ("type=bnid,target=/x", "--mount has no type \"bnid\"", "bind"),
            ("type=cache,target=/x,sharing=lokced", "sharing of --mount takes shared, private, locked", "locked"),
            ("type=bind", "--mount=type=bind needs a target", nil),
            ("type=cache,target=", "--mount=type=cache needs", nil),
            ("target", "the key target of --mount needs a value", nil), ("", "--mount= has an empty field", nil),
            ("target=/x,,ro", "--mount=target=/x,,ro has an empty field", nil),
            ("target=/", "target=/ of --mount is the root of the tree", nil),
            ("target=..", "target=.. of --mount is the root of the tree", nil),
            ("target=/x,from=$stage", "from=$stage of --mount cannot hold a variable", nil),
            ("target=/x,from=", "from= of --mount needs the name", nil),
            ("target=/x,private,bind,rw", "--mount has no key \"private\"", nil),
            ("target=/x,mode=755", "mode means nothing for --mount=type=bind; it belongs to cache, secret, ssh", nil),
            ("target=/x,size=1", "size means nothing for --mount=type=bind; it belongs to tmpfs", nil),
            ("target=/x,ro=maybe", "readonly of --mount takes true or false, not \"maybe\"", nil),
            ("type=tmpfs,target=/x,size=big", "size of --mount takes a size such as 64m", nil),
            ("type=tmpfs,target=/x,size=99999999p", "size=99999999p of --mount is too large", nil),
            ("type=cache,target=/x,mode=999", "mode of --mount takes an octal mode", nil),
            ("type=cache,target=/x,uid=-1", "uid of --mount takes a number", nil),
            ("type=cache,target=/x,uid=4294967295", "uid of --mount takes a number", nil),
            ("type=cache,target=/x,source=/y", "source of --mount=type=cache needs from=", nil),
            ("type=secret", "--mount=type=secret needs the name of the secret", nil),
            ("type=secret,id=a,source=b", "id and source of --mount=type=secret mean the same", nil),
            ("type=secret,id=a,env=", "env= of --mount is no name of a variable", nil),
            ("type=secret,id=a,from=b", "from means nothing for --mount=type=secret", nil),
            ("type=ssh,source=b", "source means nothing for --mount=type=ssh", nil),
            ("target=/x --mount=type=tmpfs,target=/x/.", "two mounts of RUN have the target /x", nil),
        ] as [(String, String, String?)])
    func errors(_ value: String, _ message: String, _ suggestion: String?) {
        let error = Sample.failure("FROM debian\nRUN --mount=\(value) true\n")
        #expect(error?.code == .badFlag)
        #expect(error?.message.hasPrefix(message) == true, "\(value): \(error?.message ?? "no error")")
        #expect(error?.suggestion == suggestion)
        #expect(error?.source?.first == 2)
    }

    @Test func flagsSayTheSameAgain() throws {
        let mounts: [RunMount] = [
            .bind(RunMount.Bind(target: "/x", source: "a,b/\"c\" d", isWritable: true)),
            .bind(RunMount.Bind(target: "/x", source: "$HOME'\\", from: "other")),
            .cache(
                RunMount.Cache(
                    target: "/c", id: "i d", sharing: .locked, from: "other", source: "s",
                    access: RunMount.Access(uid: 1, gid: 2, mode: 0o1700), isReadOnly: true)),
            .tmpfs(RunMount.Tmpfs(target: "/t", size: 5)),
            .secret(
                RunMount.Secret(
                    id: "s", target: "/f", variable: "V", isRequired: true, access: RunMount.Access(mode: 0o444))),
            .ssh(RunMount.SSH(id: "a", target: "/s", isRequired: true)),
        ]
        for mount in mounts {
            let plan = try Sample.lower("FROM debian AS other\nFROM debian\nRUN \(mount.dockerfileFlag) true\n")
            #expect(Sample.runs(plan).last?.mounts.first?.mount == mount, "\(mount.dockerfileFlag)")
        }
    }
}
