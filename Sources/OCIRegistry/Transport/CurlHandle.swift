import CCurl
import Synchronization

/// One libcurl easy handle with its kept connections. Used by one thread at a time: `CurlHandlePool` sees to that.
final class CurlHandle: @unchecked Sendable {  // Handed from thread to thread under the pool's lock, never shared.
    let pointer: UnsafeMutableRawPointer
    private let errorBuffer = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    /// The first option that libcurl refused since `reset`.
    private(set) var refusal: CURLcode = CURLE_OK

    private static let isReady = ccurl_global_init(Int(CCURL_GLOBAL_ALL)) == CURLE_OK

    init() throws(RegistryError) {
        try CurlLibrary.load()
        guard Self.isReady, let pointer = ccurl_easy_init() else {
            errorBuffer.deallocate()
            throw RegistryError(code: "TRANSPORT", subject: "libcurl", message: "could not be started")
        }
        self.pointer = pointer
        reset()
    }

    deinit {
        ccurl_easy_cleanup(pointer)
        errorBuffer.deallocate()
    }

    /// Forgets all options but keeps connections, name lookups and TLS sessions.
    func reset() {
        ccurl_easy_reset(pointer)
        refusal = CURLE_OK
        errorBuffer.pointee = 0
        check(ccurl_set_error_buffer(pointer, errorBuffer))
    }

    /// libcurl's own words for the last failure; empty where it has none.
    var lastError: String { String(cString: errorBuffer) }

    /// The kernel's errno for the last failed connection; 0 where there was none.
    var systemError: Int {
        var number = 0
        return ccurl_get_long(pointer, CURLINFO_OS_ERRNO, &number) == CURLE_OK ? number : 0
    }

    func check(_ code: CURLcode) {
        if refusal == CURLE_OK { refusal = code }
    }

    func set(_ option: CURLoption, _ value: Int) { check(ccurl_set_long(pointer, option, value)) }
    func set(_ option: CURLoption, _ value: String) { check(ccurl_set_string(pointer, option, value)) }
    func set(_ option: CURLoption, offset: Int64) { check(ccurl_set_offset(pointer, option, curl_off_t(offset))) }
    func set(_ option: CURLoption, blob: [UInt8]) {
        check(blob.withUnsafeBytes { ccurl_set_blob(pointer, option, $0.baseAddress, $0.count) })
    }
}

/// Idle handles by origin, so that requests to the same host go over connections that are open already.
final class CurlHandlePool: Sendable {
    private let idle = Mutex<[WebAddress.Origin: [CurlHandle]]>([:])
    private let keepPerOrigin = 8

    func take(for origin: WebAddress.Origin) throws(RegistryError) -> CurlHandle {
        if let handle = idle.withLock({ $0[origin]?.popLast() }) { return handle }
        return try CurlHandle()
    }

    func give(_ handle: CurlHandle, for origin: WebAddress.Origin) {
        handle.reset()
        idle.withLock { pools in
            if pools[origin, default: []].count < keepPerOrigin { pools[origin, default: []].append(handle) }
        }
    }
}
