import CCurl

extension Transfer {
    /// Registers this object as the context of every callback on `handle`. It must outlive the transfer.
    func attach(to handle: CurlHandle) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        handle.check(ccurl_set_header(handle.pointer, Self.onHeader, context))
        handle.check(ccurl_set_write(handle.pointer, Self.onWrite, context))
        handle.check(ccurl_set_read(handle.pointer, Self.onRead, context))
        handle.check(ccurl_set_seek(handle.pointer, Self.onSeek, context))
        handle.check(ccurl_set_progress(handle.pointer, Self.onProgress, context))
        handle.check(ccurl_set_prerequest(handle.pointer, Self.onPrerequest, context))
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let onHeader: curl_write_callback = { data, size, count, context in
        Transfer.from(context)?.header(UnsafeRawBufferPointer(start: data, count: size * count)) ?? 0
    }

    private static let onWrite: curl_write_callback = { data, size, count, context in
        Transfer.from(context)?.receive(UnsafeRawBufferPointer(start: data, count: size * count)) ?? 0
    }

    private static let onRead: curl_read_callback = { data, size, count, context in
        Transfer.from(context)?.send(into: UnsafeMutableRawBufferPointer(start: data, count: size * count)) ?? 0
    }

    private static let onSeek: curl_seek_callback = { context, offset, _ in
        let done = Transfer.from(context)?.seek(to: Int64(offset)) ?? false
        return Int32(done ? CCURL_SEEK_OK : CCURL_SEEK_FAIL)
    }

    private static let onProgress: curl_xferinfo_callback = { context, _, _, _, _ in
        Transfer.from(context)?.progress() ?? false ? 0 : 1
    }

    private static let onPrerequest: curl_prereq_callback = { context, address, _, _, _ in
        let allowed = address.map { Transfer.from(context)?.mayTalk(to: String(cString: $0)) ?? false } ?? true
        return Int32(allowed ? CCURL_PREREQ_OK : CCURL_PREREQ_ABORT)
    }
}
