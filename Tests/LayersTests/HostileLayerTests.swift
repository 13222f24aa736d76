import Archive
import Glibc
import Layers
import LinuxSystem
import Testing

/// Layers that try to reach outside, or to break what reads them. After each, a tree beside the root is as it was.
@Suite("Hostile layers")
struct HostileLayerTests {
    @Test("T1: names with .. are refused, leading slashes dropped", arguments: forms)
    func dotDot(form: LayerApplier.Form) throws {
        for name in ["../x", "a/../../x", "/../x", String(repeating: "../", count: 16) + "x", "a/.."] {
            let room = try HostileRoom(form)
            var tar = RawTar()
            tar.add(name, content: "out")
            #expect(throws: (any Error).self, "\(name)") { try room.apply(tar) }
            try room.holds()
        }
        let room = try HostileRoom(form)
        var tar = RawTar()
        tar.add("/etc/x", content: "in")
        tar.add("./y", content: "in")
        let paths = try room.apply(tar).contents.entries.map(\.entry.path)
        #expect(paths == ["etc/x", "y"])
        try room.holds()
    }

    @Test("T2: symbolic links lead inside the root or in circles", arguments: forms)
    func symlinks(form: LayerApplier.Form) throws {
        let room = try HostileRoom(form)
        var tar = RawTar()
        tar.addSymlink("absolute", to: room.canary.description)
        tar.add("absolute/file", content: "changed")
        tar.addSymlink("up", to: "../../../../../..")
        tar.add("up/inside", content: "x")
        tar.addSymlink("one", to: "two")
        tar.addSymlink("two", to: "/../..")
        tar.add("one/hop", content: "x")
        let applied = try room.apply(tar)
        let paths = applied.contents.entries.map(\.entry.path)
        #expect(paths.contains("inside") && paths.contains("hop"))
        #expect(FileSystem.exists(room.root / room.canary / "file"))
        try room.holds()

        let circle = try HostileRoom(form)
        var loop = RawTar()
        loop.addSymlink("x", to: "y")
        loop.addSymlink("y", to: "x")
        loop.add("x/f", content: "x")
        #expect(code { try circle.apply(loop) } == .symlinkLoop)
        try circle.holds()
    }

    @Test("T3: a hard link through symbolic links does not leave the root", arguments: forms)
    func hardLinkEscape(form: LayerApplier.Form) throws {
        let room = try HostileRoom(form)
        var tar = RawTar()
        tar.addDirectory("a/b/c")
        tar.addSymlink("a/b/c/up", to: "../..")
        tar.addSymlink("a/b/escape", to: "c/up/../../../../canary")
        tar.addHardLink("stolen", to: "a/b/escape/file")
        #expect(code { try room.complete(tar) } == .missingLinkTarget)
        try room.holds()
    }

    @Test("T4: a hard link's target is never looked up from the working directory", arguments: forms)
    func hardLinkWorkingDirectory(form: LayerApplier.Form) throws {
        let room = try HostileRoom(form)
        let here = try DirectoryListing.entries(at: ".").first { $0.type == .regular }?.name.string
        for target in [here ?? "Package.swift", room.canary.description + "/file"] {
            var tar = RawTar()
            tar.addHardLink("stolen", to: target)
            #expect(code { try room.complete(tar) } == .missingLinkTarget)
            try room.holds()
        }
        var up = RawTar()
        up.addHardLink("stolen", to: "../canary/file")
        #expect(throws: (any Error).self) { try room.apply(up) }
        try room.holds()
    }

    @Test("T5: a hard link to a symbolic link changes nothing behind it", arguments: forms)
    func hardLinkToSymlink(form: LayerApplier.Form) throws {
        let room = try HostileRoom(form)
        var tar = RawTar()
        tar.addSymlink("link", to: room.canary.description + "/file")
        tar.add("again", type: "1", link: "link", mode: 0o777, uid: 1234)
        try room.apply(tar)
        #expect(try FileSystem.status(room.root / "again").type == .symlink)
        try room.holds()
    }

    @Test("T6: the root stays a directory", arguments: forms)
    func rootReplaced(form: LayerApplier.Form) throws {
        for name in [".", "/", "./", "./."] {
            for type in ["0", "1", "2", "6"] as [Character] {
                let room = try HostileRoom(form)
                var tar = RawTar()
                tar.add(name, type: type, link: room.canary.description)
                // A plain member whose name ends in a slash is a directory in the oldest tar format.
                let isOldDirectory = type == "0" && name.hasSuffix("/")
                if isOldDirectory {
                    _ = try? room.apply(tar)
                } else {
                    #expect(throws: (any Error).self, "\(name) of type \(type)") { try room.apply(tar) }
                }
                #expect(try FileSystem.status(room.root).type == .directory)
                try room.holds()
            }
        }
        let room = try HostileRoom(form)
        var tar = RawTar()
        tar.addDirectory("./", mode: 0o711, modified: 77)
        try room.apply(tar)
        let status = try FileSystem.status(room.root)
        #expect(status.mode == 0o711 && status.modified.seconds == 77)
    }

    @Test("T7: a directory swapped for a link while the layer is unpacked leads nowhere else", arguments: forms)
    func swapped(form: LayerApplier.Form) throws {
        var tar = RawTar()
        for index in 0..<2000 {
            tar.add("a/b/f\(index)", content: "x")
            tar.add("c/f\(index)", content: "x")
        }
        for _ in 0..<5 {
            let room = try HostileRoom(form)
            let race = SwapRace(in: room.root, target: room.canary)
            race.start()
            _ = try? room.apply(tar)
            race.stop()
            try room.holds()
        }
    }

    @Test("T8: whiteouts that name no file, and whiteouts through links", arguments: forms)
    func whiteoutNames(form: LayerApplier.Form) throws {
        for name in [".wh.", ".wh..", ".wh...", "a/.wh.", "a/.wh..", ".wh.a/b"] {
            let room = try HostileRoom(form)
            var tar = RawTar()
            tar.add(name)
            #expect(code { try room.apply(tar) } == .invalidWhiteout, "\(name)")
            try room.holds()
        }
        let room = try HostileRoom(form)
        var tar = RawTar()
        tar.addSymlink("link", to: room.canary.description)
        tar.add("link/.wh.file")
        tar.addSymlink("outer", to: "..")
        tar.add("outer/.wh.canary")
        try room.apply(tar)
        try room.holds()
    }

    @Test("T8: reserved names of old union file systems are passed over", arguments: forms)
    func reservedNames(form: LayerApplier.Form) throws {
        let room = try HostileRoom(form)
        var tar = RawTar()
        tar.addDirectory(".wh..wh.plnk")
        tar.add(".wh..wh.plnk/17.4711", content: "x")
        tar.add("a/.wh..wh.aufs")
        let applied = try room.apply(tar)
        #expect(applied.contents.entries.isEmpty)
        #expect(try DirectoryListing.entries(at: room.root).isEmpty)
    }

    @Test("T9: an opaque mark on a file or a link is refused", arguments: forms)
    func opaqueOnOther(form: LayerApplier.Form) throws {
        for (type, link) in [("0", ""), ("2", "/")] as [(Character, String)] {
            let room = try HostileRoom(form)
            var tar = RawTar()
            tar.add("d", type: type, link: link)
            tar.add("d/.wh..wh..opq")
            #expect(throws: LayersError.self) { try room.apply(tar) }
            try room.holds()
        }
    }

    @Test("T10: a device 0:0 is refused", arguments: forms)
    func whiteoutDevice(form: LayerApplier.Form) throws {
        let room = try HostileRoom(form)
        var tar = RawTar()
        tar.add("etc", type: "3")
        #expect(code { try room.apply(tar) } == .invalidEntry)
        try room.holds()
    }

    @Test("T11, T12: attributes of overlay, SELinux and IMA are dropped, others kept", arguments: forms)
    func attributes(form: LayerApplier.Form) throws {
        let room = try HostileRoom(form)
        var tar = RawTar()
        let third: [UInt8] = [1, 0, 0, 3, 0, 0x20] + [UInt8](repeating: 0, count: 14) + [0xE8, 3, 0, 0]
        tar.addRecords([
            ("SCHILY.xattr.user.overlay.opaque", [0x79]), ("SCHILY.xattr.trusted.overlay.redirect", Array("/etc".utf8)),
            ("SCHILY.xattr.security.selinux", [0x78]), ("SCHILY.xattr.security.ima", [0x78]),
            ("SCHILY.xattr.user.kept", [1, 0, 255, 10]), ("SCHILY.xattr.security.capability", third),
        ])
        tar.add("file", content: "x", mode: 0o4755, uid: 1000, gid: 1000)
        let applied = try room.apply(tar)
        let kept = try #require(applied.contents.entries.first).entry.attributes
        #expect(kept.map { String(decoding: $0.name, as: UTF8.self) } == ["security.capability", "user.kept"])
        #expect(kept.first?.value.count == 20 && kept.first?.value[3] == 2)
        #expect(try LayerAttributes.read(room.root / "file") == kept)
        let status = try FileSystem.status(room.root / "file")
        #expect(status.mode == 0o4755 && status.uid == 1000)
    }

    @Test("T13: FIFOs and devices are made, and never opened", arguments: forms)
    func devices(form: LayerApplier.Form) throws {
        let room = try HostileRoom(form)
        var tar = RawTar()
        tar.add("pipe", type: "6", mode: 0o606, uid: 5)
        tar.add("null", type: "3", mode: 0o666, major: 1, minor: 3)
        tar.add("disk", type: "4", mode: 0o660, gid: 6, major: 8, minor: 1)
        try room.apply(tar)
        #expect(try FileSystem.status(room.root / "pipe").type == .fifo)
        #expect(try FileSystem.status(room.root / "pipe").mode == 0o606)
        #expect(try FileSystem.status(room.root / "null").deviceNumber == DeviceNumber(major: 1, minor: 3))
        #expect(try FileSystem.status(room.root / "disk").type == .blockDevice)
    }
}
