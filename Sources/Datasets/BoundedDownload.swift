// One file from an address that may answer with anything, or with nothing for ever.

import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A download with a limit on its size, on the silence in between, and on its whole time.
final class BoundedDownload: NSObject, URLSessionDataDelegate {
  /// How much is waited for.
  struct Limits {
    /// The most bytes, counted after any content encoding is undone.
    var bytes: Int

    /// The longest time without a byte.
    var silence = Duration.seconds(30)

    /// The longest time for the whole file.
    var total = Duration.seconds(600)
  }

  /// Why there is no file, in words.
  struct Failure: Error {
    let reason: String
  }

  private struct State {
    var bytes: [UInt8] = []
    var latest = ContinuousClock.now
    var ending: Result<[UInt8], Failure>?
    var waiter: CheckedContinuation<Result<[UInt8], Failure>, Never>?
  }

  private let limits: Limits
  private let state = Mutex(State())

  private init(_ limits: Limits) { self.limits = limits }

  /// Downloads a file into memory.
  ///
  /// - Parameters:
  ///   - url: Its address.
  ///   - limits: What is waited for.
  /// - Returns: Its bytes.
  /// - Throws: `Failure`, also for an answer other than 200.
  static func bytes(of url: URL, _ limits: Limits) async throws(Failure) -> [UInt8] {
    let download = BoundedDownload(limits)
    let session = URLSession(configuration: .ephemeral, delegate: download, delegateQueue: nil)
    var request = URLRequest(url: url)
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    session.dataTask(with: request).resume()
    let watch = Task { await download.watch() }
    let result = await withCheckedContinuation { continuation in
      let ending = download.state.withLock { state in
        if state.ending == nil { state.waiter = continuation }
        return state.ending
      }
      if let ending { continuation.resume(returning: ending) }
    }
    watch.cancel()
    session.invalidateAndCancel()
    return try result.get()
  }

  /// Ends a download that takes too long.
  private func watch() async {
    let clock = ContinuousClock()
    let start = clock.now
    while !Task.isCancelled {
      let latest = state.withLock { $0.latest }
      if clock.now - latest >= limits.silence {
        return end(.failure(Failure(reason: "no byte within \(limits.silence)")))
      }
      if clock.now - start >= limits.total {
        return end(.failure(Failure(reason: "not whole within \(limits.total)")))
      }
      let next = min(latest + limits.silence, start + limits.total)
      try? await clock.sleep(until: next)
    }
  }

  private func end(_ result: Result<[UInt8], Failure>) {
    let waiter = state.withLock { state in
      if state.ending == nil { state.ending = result }
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume(returning: result)
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    if let response = response as? HTTPURLResponse, response.statusCode != 200 {
      end(.failure(Failure(reason: "HTTP status \(response.statusCode)")))
      completionHandler(.cancel)
    } else {
      completionHandler(.allow)
    }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let isTooLong = state.withLock { state in
      state.latest = .now
      guard state.bytes.count + data.count <= limits.bytes else { return true }
      state.bytes += data
      return false
    }
    if isTooLong {
      end(.failure(Failure(reason: "more than the \(limits.bytes) bytes that the file can have")))
      dataTask.cancel()
    }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    if let error {
      end(.failure(Failure(reason: Self.reason(of: error))))
    } else {
      end(.success(state.withLock { $0.bytes }))
    }
  }

  /// An error of the network in words: Foundation's own are "The operation could not be completed".
  private static func reason(of error: any Error) -> String {
    switch (error as? URLError)?.code {
    case .cannotFindHost: "no host of this name"
    case .cannotConnectToHost: "the host refuses the connection, or can't be reached"
    case .networkConnectionLost: "the connection was lost"
    case .timedOut: "no answer in time"
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate:
      "no secure connection"
    case .unsupportedURL: "no address such as https://host/path"
    case let code?: "network error \(code.rawValue)"
    case nil: error.localizedDescription
    }
  }
}
