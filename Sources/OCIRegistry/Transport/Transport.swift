import CCurl
import Glibc
import LinuxSystem

/// Sends single HTTP requests over libcurl, one blocking transfer to a thread.
///
/// Easy handles on threads rather than one multi handle with paused transfers: a consumer that is slow simply does not
/// return from its callback, which stops the reading of the socket and so the sender. There is no state machine to get
/// wrong, and a transfer needs a thread only while it runs. HTTP/1.1 throughout, because a connection carries one
/// transfer at a time here and HTTP/2's flow control would only slow it down.
///
/// libcurl follows no redirect, keeps no cookie, reads no .netrc and decodes no content: what a registry may make us do
/// is decided in Swift.
package final class Transport: Sendable {
    private let handles = CurlHandlePool()
    private let trust: TrustStore
    private let proxies: ProxySettings
    private let timeouts: TransportTimeouts
    private let userAgent: String
    private let unverified: @Sendable (WebAddress.Origin) -> Bool

    /// A transport. `unverified` says for which origins the user waived the check of certificates.
    package init(
        trust: TrustStore, proxies: ProxySettings, timeouts: TransportTimeouts, userAgent: String,
        unverified: @escaping @Sendable (WebAddress.Origin) -> Bool
    ) {
        self.trust = trust
        self.proxies = proxies
        self.timeouts = timeouts
        self.userAgent = userAgent
        self.unverified = unverified
    }

    /// Sends one request and blocks until its answer is complete. Redirects come back as they are.
    package func perform(
        _ request: HTTPRequest, cancellation: Cancellation, inspector: HeadInspector? = nil
    ) throws -> HTTPResponse {
        let origin = request.url.origin
        let transfer = try Transfer(request, timeouts, cancellation, inspector)
        let selection = origin.scheme == "https" ? try trust.selection(for: origin.authority) : TrustStore.Selection()
        let fields = try headerList(request)
        defer { ccurl_slist_free_all(fields) }
        let handle = try handles.take(for: origin)
        defer { handles.give(handle, for: origin) }
        configure(handle, request)
        configureTrust(handle, selection, verifies: !unverified(origin))
        handle.check(ccurl_set_list(handle.pointer, CURLOPT_HTTPHEADER, fields))
        transfer.attach(to: handle)
        guard handle.refusal == CURLE_OK else {
            throw RegistryError(
                code: "TRANSPORT", subject: "libcurl",
                message: "refused an option: \(String(cString: ccurl_easy_strerror(handle.refusal)))",
                nextStep: "ocibuild needs libcurl 7.85 or newer with TLS by OpenSSL")
        }
        let code = Self.withoutBrokenPipeSignal { ccurl_easy_perform(handle.pointer) }
        if code == CURLE_OK { try transfer.finish() }
        if let failure = transfer.failure { throw failure }
        guard code == CURLE_OK || transfer.isCut, let head = transfer.head else {
            throw TransferFailure(
                request: request, code: code, detail: handle.lastError, systemError: handle.systemError,
                trustSources: selection.sources,
                timeouts: timeouts
            ).error
        }
        return HTTPResponse(head: head, body: transfer.body, isCut: transfer.isCut, url: request.url)
    }

    private func configure(_ handle: CurlHandle, _ request: HTTPRequest) {
        handle.set(CURLOPT_URL, request.url.text)
        handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
        handle.set(CURLOPT_FOLLOWLOCATION, 0)
        handle.set(CURLOPT_NOSIGNAL, 1)
        handle.set(CURLOPT_HTTP_VERSION, Int(CCURL_HTTP_1_1))
        handle.set(CURLOPT_CONNECTTIMEOUT_MS, Int(timeouts.connect * 1000))
        handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        handle.set(CURLOPT_USERAGENT, userAgent)
        handle.set(CURLOPT_BUFFERSIZE, 256 << 10)
        handle.set(CURLOPT_UPLOAD_BUFFERSIZE, 256 << 10)
        handle.set(CURLOPT_TCP_KEEPALIVE, 1)
        switch request.method {
        case "HEAD": handle.set(CURLOPT_NOBODY, 1)
        case "GET": handle.set(CURLOPT_HTTPGET, 1)
        default:
            if case .none = request.body {
                handle.set(CURLOPT_HTTPGET, 1)
            } else {
                handle.set(CURLOPT_UPLOAD, 1)
                handle.set(CURLOPT_INFILESIZE_LARGE, offset: request.body.size)
            }
            handle.set(CURLOPT_CUSTOMREQUEST, request.method)
        }
        // An empty string switches off libcurl's own reading of the environment.
        handle.set(CURLOPT_PROXY, proxies.proxy(for: request.url.origin) ?? "")
        handle.set(CURLOPT_NOPROXY, proxies.exceptions ?? "")
    }

    private func configureTrust(_ handle: CurlHandle, _ selection: TrustStore.Selection, verifies: Bool) {
        handle.set(CURLOPT_SSL_VERIFYPEER, verifies ? 1 : 0)
        handle.set(CURLOPT_SSL_VERIFYHOST, verifies ? 2 : 0)
        if let bundle = selection.bundle {
            handle.set(CURLOPT_CAINFO_BLOB, blob: bundle)
        } else if let file = selection.systemFile {
            handle.set(CURLOPT_CAINFO, file)
        }
        if let directory = selection.systemDirectory { handle.set(CURLOPT_CAPATH, directory) }
        if let certificate = selection.clientCertificate, let key = selection.clientKey {
            handle.set(CURLOPT_SSLCERT, certificate)
            handle.set(CURLOPT_SSLKEY, key)
        }
    }

    private func headerList(_ request: HTTPRequest) throws(RegistryError) -> UnsafeMutablePointer<curl_slist>? {
        // "Expect:" off: a registry that does not answer 100 costs a second each time, and our requests are authorised
        // before their bodies are sent.
        var fields = ["Accept-Encoding: identity", "Expect:"]
        fields += request.headers.map { "\($0.name): \($0.value)" }
        if let authorization = request.authorization { fields.append("Authorization: \(authorization)") }
        var list: UnsafeMutablePointer<curl_slist>?
        for field in fields {
            guard !field.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
                ccurl_slist_free_all(list)
                throw RegistryError(
                    code: "BAD_HEADER", subject: request.url.origin.authority,
                    message: "a header field with control characters in it is not sent",
                    nextStep: "look for line ends in the credentials of this host")
            }
            guard let longer = ccurl_slist_append(list, field) else {
                ccurl_slist_free_all(list)
                throw RegistryError(code: "TRANSPORT", subject: "libcurl", message: "no memory for a header field")
            }
            list = longer
        }
        return list
    }

    /// A write to a connection that the other side closed must be an error, not the end of the process: libcurl leaves
    /// SIGPIPE alone when it may not touch signals. The mask goes back, so that no child inherits it.
    private static func withoutBrokenPipeSignal<R>(_ body: () -> R) -> R {
        var pipe = sigset_t()
        var before = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        guard pthread_sigmask(SIG_BLOCK, &pipe, &before) == 0 else { return body() }
        defer {
            if sigismember(&before, SIGPIPE) == 0 {
                var none = timespec()
                while sigtimedwait(&pipe, nil, &none) == SIGPIPE {}
            }
            pthread_sigmask(SIG_SETMASK, &before, nil)
        }
        return body()
    }
}
