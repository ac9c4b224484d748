// SHA-256 through libsodium.

internal import CSodium

/// The SHA-256 digest of bytes.
///
/// - Parameter bytes: Any number of bytes.
/// - Returns: 64 hexadecimal digits.
public func sha256(_ bytes: [UInt8]) -> String {
  var sum = SHA256()
  sum.update(bytes)
  return sum.digest
}

/// Computes the SHA-256 digest of bytes that arrive in parts.
public struct SHA256: Sendable {
  private var state = crypto_hash_sha256_state()

  /// Creates a digest of zero bytes.
  public init() { unsafe crypto_hash_sha256_init(&state) }

  /// Appends bytes.
  ///
  /// - Parameter bytes: Any number of bytes.
  public mutating func update(_ bytes: [UInt8]) {
    _ = unsafe crypto_hash_sha256_update(&state, bytes, UInt64(bytes.count))
  }

  /// The digest of all bytes so far, 64 hexadecimal digits.
  ///
  /// More bytes may follow.
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
