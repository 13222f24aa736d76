import OCIBuild
import Testing

@testable import ocibuild

@Suite("--cache-from and --cache-to")
struct CacheOptionTests {
    private func request(_ words: String...) throws -> BuildRequest {
        let arguments = try ArgumentParser.parse(words.map { Word($0) }, for: BuildVerb.verb)
        return try BuildRequest(Session("build", arguments, Console(environment: [:])))
    }

    private func message(_ words: String...) -> String? {
        do {
            let arguments = try ArgumentParser.parse(words.map { Word($0) }, for: BuildVerb.verb)
            _ = try BuildRequest(Session("build", arguments, Console(environment: [:])))
            return nil
        } catch {
            return (error as? UsageError)?.message ?? "not a usage error: \(error)"
        }
    }

    private static func registry(_ name: String) throws -> CachePlace { .registry(try Reference(parsing: name)) }

    @Test("the forms of docker, BuildKit and buildah")
    func forms() throws {
        let cache = try Self.registry("r.example/app/cache")
        for text in [
            "r.example/app/cache", "type=registry,ref=r.example/app/cache", "ref=r.example/app/cache",
            "TYPE=registry,REF=r.example/app/cache",
        ] {
            let read = try request("--cache-from", text, "--cache-to", text)
            #expect(read.options.cacheFrom == [CacheSource(cache)], "\(text)")
            #expect(read.options.cacheTo == [CacheTarget(cache, mode: .min)], "\(text)")
            #expect(read.notes == [], "\(text)")
        }
        let aged = try request(
            "--cache-from=r.example/app/cache,max-age=14d", "--cache-from", "type=local,src=/c",
            "--cache-to=r.example/app/cache,mode=max", "--cache-to", "type=local,dest=d,mode=min,max-age=1h"
        ).options
        #expect(
            aged.cacheFrom == [CacheSource(cache, maximumAge: .seconds(14 * 86_400)), CacheSource(.folder("/c"))])
        #expect(
            aged.cacheTo == [
                CacheTarget(cache, mode: .max), CacheTarget(.folder("d"), mode: .min, maximumAge: .seconds(3600)),
            ])
        #expect(try request("--cache-from", "src=dir").options.cacheFrom == [CacheSource(.folder("dir"))])
        #expect(try request("--cache-from", "user/app").options.cacheFrom == [CacheSource(Self.registry("user/app"))])
    }

    @Test("what other builders' users write works, and what of it does not count is said")
    func otherBuilders() throws {
        let tagged = try request("--cache-from=user/app:tag")
        #expect(tagged.options.cacheFrom == [CacheSource(try Self.registry("user/app:tag"))])
        #expect(
            tagged.notes == [#"--cache-from: the tag "tag" does not count: results have tags of their own in user/app"#]
        )
        let idle = try request("--cache-to", "type=registry,ref=user/c,image-manifest=true,ignore-error=true")
        #expect(idle.options.cacheTo.count == 1 && idle.notes.count == 2)
        let kaniko = try request("--cache=true", "--cache-repo", "r.example/c", "--cache-ttl", "336h").options
        #expect(kaniko.cacheFrom == [CacheSource(try Self.registry("r.example/c"))])
        #expect(kaniko.cacheTo == [CacheTarget(try Self.registry("r.example/c"), mode: .max)])
        #expect(kaniko.cacheMaximumAge == .seconds(336 * 3600) && kaniko.usesCache)
        #expect(try !request("--cache=false").options.usesCache)
        #expect(try request("--cache-ttl", "0").options.cacheMaximumAge == nil)
        #expect(try request("--cache-key", "k.pem").options.cacheKey == "k.pem")
    }

    @Test("what cannot be understood is refused with what to write")
    func refused() {
        let cases = [
            ("--cache-from", "type=gha", "registry or local, not \"gha\": keep a folder with actions/cache"),
            ("--cache-to", "type=inline", "not \"inline\": the image itself holds no cache"),
            ("--cache-from", "type=registry", "has no ref=NAME"), ("--cache-from", "type=local", "has no src=DIR"),
            ("--cache-to", "type=local,src=x", "unknown field \"src\""),
            ("--cache-to", "type=local,dest=", "has no dest=DIR"),
            ("--cache-from", "type=registry,ref=a,reff=b", "unknown field \"reff\". Did you mean"),
            ("--cache-from", "a,mode=max", "mode belongs to --cache-to"),
            ("--cache-to", "a,mode=most", "min or max, not \"most\""),
            ("--cache-from", "a,max-age=soon", "\"soon\" is no time such as 14d"),
            ("--cache-from", "a,b", "\"b\" is not NAME=VALUE"), ("--cache-from", "", "has no ref=NAME"),
            ("--cache-from", "UPPER/x y", "is no image name"),
            ("--cache-from", "a@sha256:" + String(repeating: "0", count: 64), "a cache has no digest"),
            ("--cache-from", "ref=a,ref=b", "ref is given twice"),
            ("--cache-ttl", "soon", "\"soon\" is no time"),
        ]
        for (flag, text, words) in cases {
            let message = message(flag, text)
            #expect(message?.hasPrefix("\(flag) \"\(text)\"") == true, "\(message ?? "nothing")")
            #expect(message?.contains(words) == true, "\(message ?? "nothing")")
        }
    }
}
