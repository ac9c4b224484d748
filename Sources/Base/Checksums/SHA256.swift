// SHA-256, from libsodium.

internal import CSodium

/// The SHA-256 digest of some bytes.
///
/// - Parameter bytes: Any number.
/// - Returns: 64 hexadecimal digits.
public func sha256(_ bytes: [UInt8]) -> String {
  var sum = SHA256()
  sum.update(bytes)
  return sum.digest
}

/// The SHA-256 digest of bytes that come in pieces.
public struct SHA256: Sendable {
  private var state = crypto_hash_sha256_state()

  /// The digest of no bytes yet.
  public init() { unsafe crypto_hash_sha256_init(&state) }

  /// Adds the next bytes.
  ///
  /// - Parameter bytes: Any number.
  public mutating func update(_ bytes: [UInt8]) {
    _ = unsafe crypto_hash_sha256_update(&state, bytes, UInt64(bytes.count))
  }

  /// The digest of all bytes so far, 64 hexadecimal digits; more may be added afterwards.
  public var digest: String {
    var copy = state
    var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
    _ = unsafe crypto_hash_sha256_final(&copy, &digest)
    return digest.map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }.joined()
  }
}
