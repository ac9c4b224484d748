// SHA-256, from libsodium.

internal import CSodium

/// The SHA-256 digest of some bytes.
///
/// - Parameter bytes: Any number.
/// - Returns: 64 hexadecimal digits.
public func sha256(_ bytes: [UInt8]) -> String {
  var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
  _ = unsafe crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
  return digest.map { byte in
    let text = String(byte, radix: 16)
    return byte < 16 ? "0" + text : text
  }.joined()
}
