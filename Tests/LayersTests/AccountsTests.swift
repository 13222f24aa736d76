import Layers
import LinuxSystem
import Testing

@Suite("Accounts")
struct AccountsTests {
    static let accounts = Accounts(
        passwd: Array(
            """
            root:x:0:0:root:/root:/bin/bash
            # comment
            daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
            broken line
            1234:x:77:77::/numeric:/bin/sh
            over:x:4294967296:0::/:/bin/sh
            app:x:1000:1001:,,,:/home/app:/bin/sh
            """.utf8),
        group: Array("root:x:0:\napp:x:1001:\ndocker:x:999:app,other\nvideo:x:44:other,app\n12:x:13:\n".utf8))

    @Test("USER in all its forms")
    func identity() throws {
        let accounts = Self.accounts
        #expect(try accounts.identity(of: "") == .init(uid: 0, gid: 0, groups: [0], home: "/root"))
        #expect(
            try accounts.identity(of: "app") == .init(uid: 1000, gid: 1001, groups: [44, 999, 1001], home: "/home/app"))
        #expect(
            try accounts.identity(of: "1000")
                == .init(uid: 1000, gid: 1001, groups: [44, 999, 1001], home: "/home/app"))
        #expect(try accounts.identity(of: "app:video") == .init(uid: 1000, gid: 44, groups: [44], home: "/home/app"))
        #expect(try accounts.identity(of: "5000") == .init(uid: 5000, gid: 0, groups: [0], home: nil))
        #expect(try accounts.identity(of: "5000:6000") == .init(uid: 5000, gid: 6000, groups: [6000], home: nil))
    }

    @Test("--chown in all its forms")
    func owner() throws {
        let accounts = Self.accounts
        #expect(try accounts.owner(of: "app") == (1000, 1001))
        #expect(try accounts.owner(of: "1000") == (1000, 1000))
        #expect(try accounts.owner(of: "app:docker") == (1000, 999))
        #expect(try accounts.owner(of: "0:7") == (0, 7))
        #expect(code { try accounts.owner(of: "") } == .invalidAccount)
    }

    @Test("B15: digits are never names, and no number wraps around to root")
    func numbers() throws {
        let accounts = Self.accounts
        #expect(try accounts.identity(of: "1234").uid == 1234)
        #expect(try accounts.identity(of: "0:12").gid == 12)
        #expect(try accounts.identity(of: "2147483647").uid == 2_147_483_647)
        for text in ["2147483648", "4294967296", "4294967295", "99999999999999999999", "0:2147483648"] {
            #expect(code { try accounts.identity(of: text) } == .invalidAccount, "\(text)")
            #expect(code { try accounts.owner(of: text) } == .invalidAccount, "\(text)")
        }
        for text in ["-1", "0x0", "+0", "\u{661}", "nobody", "over", "app:nosuch", "root "] {
            #expect(code { try accounts.identity(of: text) } == .unknownAccount, "\(text)")
        }
        #expect(code { try accounts.identity(of: "a:b:c") } == .invalidAccount)
    }

    @Test("B16: account files over 10 MiB count as empty")
    func large() {
        let line = Array("app:x:1000:1001:,,,:/home/app:/bin/sh\n".utf8)
        let accounts = Accounts(passwd: Array(repeatElement(line, count: (10 << 20) / line.count + 1).joined()))
        #expect(accounts.users.isEmpty)
    }

    @Test("B16: a file of nothing but separators has no accounts, and does not hide those after it")
    func separators() {
        for separator in [":", "\n", "#"] {
            let noise = String(repeating: separator, count: 1 << 20)
            let accounts = Accounts(passwd: Array((noise + "\napp:x:7:8:a:/home:/bin/sh:more:and:more\n").utf8))
            let names = accounts.users.map(\.name)
            #expect(names == [Array("app".utf8)], "\(separator)")
            #expect(accounts.users.first?.uid == 7 && accounts.users.first?.home == "/home")
        }
    }
}
