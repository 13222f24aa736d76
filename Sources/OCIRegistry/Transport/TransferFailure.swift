import CCurl
import Glibc

/// libcurl's verdict on a transfer, turned into words a person can act on.
struct TransferFailure {
    let request: HTTPRequest
    let code: CURLcode
    let detail: String
    /// The kernel's errno for a failed connection, or 0.
    let systemError: Int
    let trustSources: [String]
    let timeouts: TransportTimeouts

    var error: RegistryError {
        let host = request.url.origin.authority
        func made(_ code: String, _ message: String, _ next: String? = nil) -> RegistryError {
            RegistryError(
                code: code, subject: host, message: message, url: request.url.description, nextStep: next)
        }
        let words = RegistryError.quoted(detail.isEmpty ? String(cString: ccurl_easy_strerror(code)) : detail)
        let isRefused = systemError == Int(ECONNREFUSED)
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            return made(
                "DNS", "no address is known for the host \(request.url.origin.host)",
                "check the spelling of the host and this machine's name server")
        case CURLE_COULDNT_RESOLVE_PROXY:
            return made("PROXY", "the proxy's host has no address: \(words)", "check HTTPS_PROXY and HTTP_PROXY")
        case CURLE_COULDNT_CONNECT:
            return made(
                isRefused ? "CONNECTION_REFUSED" : "CONNECT",
                isRefused
                    ? "nothing answers at \(request.url.origin.host) port \(request.url.origin.port): connection refused"
                    : "cannot connect: \(words)",
                "check that the registry runs and that host and port are right")
        case CURLE_OPERATION_TIMEDOUT:
            return made(
                "CONNECT_TIMEOUT", "no connection within \(Int(timeouts.connect.rounded(.up))) s",
                "check the network, a firewall, or whether a proxy (HTTPS_PROXY) is needed")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            let trusted = trustSources.isEmpty ? "libcurl's built-in list" : trustSources.joined(separator: ", ")
            return made(
                "TLS_UNTRUSTED", "the server's certificate was not accepted: \(words) (trusted: \(trusted))",
                "give the authority with --ca-bundle FILE or put it in /etc/containers/certs.d/\(host)/ca.crt")
        case CURLE_SSL_CONNECT_ERROR where Self.speaksPlainHTTP(detail):
            return made(
                "PLAIN_HTTP", "the registry does not speak TLS, it probably speaks plain http",
                "if you trust the network between, allow it with --plain-http \(host)")
        case CURLE_SSL_CONNECT_ERROR:
            return made(
                "TLS", "the TLS connection failed: \(words)",
                "if the registry speaks plain http and you trust the network, allow it with --plain-http \(host)")
        case CURLE_SSL_CERTPROBLEM:
            return made(
                "TLS_FILES", "the client certificate cannot be used: \(words)", "check /etc/containers/certs.d/\(host)")
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR:
            return made("CONNECTION_LOST", "the connection broke: \(words)", "try again")
        default:
            return made("TRANSPORT", "the request failed: \(words) (libcurl code \(code.rawValue))")
        }
    }

    /// OpenSSL's words for an answer that is not TLS at all.
    private static func speaksPlainHTTP(_ detail: String) -> Bool {
        detail.contains("wrong version number") || detail.contains("packet length too long")
            || detail.contains("http request")
    }
}

extension RegistryError {
    /// Whether the same request may succeed a moment later.
    package var isTransient: Bool {
        switch code {
        case "CONNECTION_LOST", "CONNECTION_REFUSED", "CONNECT", "CONNECT_TIMEOUT", "TIMEOUT", "UPLOAD_LOST": true
        default: status.map { $0 == 429 || $0 == 408 || (500...599).contains($0) && $0 != 501 && $0 != 505 } ?? false
        }
    }
}
