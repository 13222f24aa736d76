import LinuxSystem
import Testing

@testable import ShellText

@Suite struct PythonProvisionTests {
    @Test(arguments: ["3.9", "3.10", "3.11", "3.11.5", "3.14.0", "3.99"]) func versions(text: String) throws {
        let provision = try PythonProvision(text)
        #expect(provision.version == text)
        #expect(
            provision.script.contains(
                "\nwant=\(text) minor=\(text.split(separator: ".").prefix(2).joined(separator: "."))\n"))
    }

    @Test(arguments: [
        "", "3", "2.7", "3.", ".11", "3.11.", "3.11.5.1", "3.11rc1", "v3.11", "3.x", " 3.11", "3.011", "3.1111", "4.0",
        "3.-1",
        "3.11;reboot", "3.1\u{661}", "latest",
    ]) func textsThatAreNoVersions(text: String) {
        let error = #expect(throws: InvalidPythonVersion.self) { try PythonProvision(text) }
        #expect(error?.description.contains(text) ?? false)
    }

    /// The script is for every shell that a base image may have.
    @Test(arguments: [["dash"], ["busybox", "sh"], ["bash", "--posix"]]) func theScriptIsReadByAnyShell(shell: [String])
        throws
    {
        let provision = try PythonProvision("3.11")
        #expect(provision.script.hasPrefix("#!/bin/sh\n# Python 3.11: "))
        let outcome = try ChildProcess.run(shell + ["-n", "-c", provision.script])
        #expect(outcome.status == 0, "\(String(decoding: outcome.error, as: UTF8.self))")
        #expect(ShellLexer.tokens(of: Array(provision.script.utf8)) != nil)
        #expect(CommandText.normalized(provision.script, rule: .auto) + "\n" == provision.script)
    }
}
