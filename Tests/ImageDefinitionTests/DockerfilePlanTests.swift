import Dockerfile
import Testing

@testable import ImageDefinition

/// A Dockerfile as a plan lowers to what the Dockerfile itself lowers to.
@Suite struct DockerfilePlanTests {
    @Test func theFixturesAreThere() { #expect(PlanExample.dockerfiles.count > 25) }

    @Test(arguments: PlanExample.dockerfiles)
    func fixtures(_ name: String) throws {
        try expectSame(String(decoding: try PlanExample.file("dockerfiles/\(name)/Dockerfile"), as: UTF8.self))
    }

    @Test(
        arguments: [
            "ARG V=12\nARG W=$V\nFROM debian:$W\nARG V\nRUN echo $V\n",
            "FROM golang AS golang\nRUN a\nFROM golang\nCOPY --from=0 /x /x\n",
            "FROM a AS x\nRUN a\nFROM b AS X\nRUN b\nFROM c\nCOPY --from=x /x /x\nCOPY --from=0 /y /y\n",
            "FROM debian\nRUN a\nFROM debian AS b\nRUN b\nFROM c\nCOPY --from=0 /x /x\nRUN --mount=type=bind,from=b,target=/m x\n",
            "FROM debian AS a\nCOPY --from=b /x /x\nFROM node AS b\nRUN y\nFROM a\n",
            "FROM scratch\nCOPY [\"a\", \"b c\", \"/\"]\nCOPY \"a\" 'b'$X c\\ d/\n",
            "FROM debian\nENV A=1 B=$A C='x y' D=\"$A \\\" z\" E=a\\ b\nENV F  two  words $A\nENV G=\n",
            "FROM debian\nRUN <<EOF\necho a\nEOF\nRUN <<PY\n#!/usr/bin/python3\nprint(1)\nPY\nRUN <<-X\n\ttabs\nX\n",
            "FROM debian\nRUN cat <<A > /b && cat <<'B' >> /b\n$word\nA\n$word\nB\nRUN cat <<EOF\nx\nEOF\n",
            "FROM debian\nARG w=1\nCOPY <<a <<'b' /d/\n$w \"q\"\na\n$w\nb\nADD x <<c /d/\nc's\nc\n",
            "FROM debian\nRUN --mount=type=cache,dst=/c,id=a,sharing=locked,uid=1,mode=0755 --network=none x\n",
            "FROM debian\nARG t=/t\nRUN --mount=target=$t,src=sub,rw --mount=type=secret,id=s,env=E,required x\n",
            "FROM debian\nRUN --mount=type=tmpfs,target=/t,size=64m --mount=type=ssh [\"a\", \"b c\"]\n",
            "FROM --platform=linux/arm64 debian\nUSER $U\nUSER a b\nSTOPSIGNAL SIGTERM\nWORKDIR a b/$X\n"
                .replacing("USER $U\n", with: ""),
            "FROM debian\nENV P=5\nEXPOSE 80 $P/udp 8000-8002\nVOLUME /a /b\nVOLUME [\"/c d\"]\nMAINTAINER me  too\n",
            "FROM debian\nHEALTHCHECK --interval=5s --retries=2 CMD a  b\nHEALTHCHECK NONE\nHEALTHCHECK CMD [\"a\"]\n",
            "FROM debian\nSHELL [\"bash\", \"-c\"]\nCMD a  b\nENTRYPOINT [\"x\"]\nCMD\nRUN [\"a\"]\nRUN a\n",
            "FROM debian\nONBUILD RUN  a  b\nONBUILD COPY <<e /x\ny\ne\nONBUILD ENV a=$b\n",
            "FROM debian\nENV X=x\nLABEL \"a b\"=\"c\" $X=y z=\nLABEL\tq r  s\n",
            "# escape=`\nFROM debian\nENV A=a\\b B=`\" C=\"x`\"y\\z`q\" D='`\\' E=``\nWORKDIR c:\\d\nCOPY a`b `\n /x\n",
            "FROM debian\nCOPY --link --chown=1:1 --chmod=755 a /b\nADD --unpack=false a.tar /\n",
            "FROM debian AS scratch\nRUN a\nFROM scratch\nCOPY --from=scratch /a /b\nCOPY <<\"c\" <<-e /f/\ng\nc\n\th\ne\n",
            "FROM debian\nRUN a \\\n  # comment\n  && b\nRUN --network=host echo '  x  '\n",
        ])
    func texts(_ text: String) throws { try expectSame(text) }

    @Test func stepsSayWhereTheyComeFrom() throws {
        let plan = try ImagePlan(dockerfile: Array("FROM debian\n\nRUN a \\\n  b\nUSER x\n".utf8), name: "x/Dockerfile")
        let json = String(decoding: plan.encoded(), as: UTF8.self)
        #expect(
            json == #"{"stages":[{"base":"debian","steps":[{"run":"a   b","source":{"file":"x/Dockerfile","line":3}},"#
                + #"{"source":{"file":"x/Dockerfile","line":5},"user":"x"}]}],"version":1}"#)
    }

    @Test func whatAPlanCannotSay() {
        let text = "FROM debian AS a\nARG s=a\nFROM a\nCOPY --from=$s /x /x\n"
        let error = #expect(throws: PlanDocumentError.self) { try ImagePlan(dockerfile: Array(text.utf8)) }
        #expect(error?.description.hasPrefix("Dockerfile:4: --from=$s is decided by a variable") == true)
    }

    @Test(arguments: ["uid=$u", "mode=$u", "required=$u"])
    func variablesWhereAPlanHasValues(_ field: String) {
        let text = "FROM debian\nARG u=1\nRUN --mount=type=secret,id=s,\(field) x\n"
        let error = #expect(throws: PlanDocumentError.self) { try ImagePlan(dockerfile: Array(text.utf8)) }
        #expect(error?.description.hasPrefix("Dockerfile:3: \(field) of --mount is decided by a variable") == true)
    }

    private func expectSame(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let plan = try ImagePlan(dockerfile: Array(text.utf8))
        let json = String(decoding: plan.encoded(), as: UTF8.self)
        let direct = try Lowered(text: text)
        #expect(try Lowered(json: json) == direct, "\(json)", sourceLocation: sourceLocation)
        // And back again, as far as a text can say it.
        if try plan.composed().limitations.isEmpty {
            let back = try plan.dockerfile
            #expect(try Lowered(text: back) == direct, "\(back)", sourceLocation: sourceLocation)
        }
    }
}
