// The number types that weights are stored in, and what their rounding means for a rank.

/// A floating-point type of a file's values.
public enum FloatFormat: String, CaseIterable, Sendable {
  /// IEEE 754 double precision.
  case float64 = "F64"

  /// IEEE 754 single precision.
  case float32 = "F32"

  /// IEEE 754 half precision: 5 bits of exponent, 10 of fraction.
  case float16 = "F16"

  /// The upper half of single precision: 8 bits of exponent, 7 of fraction.
  case bfloat16 = "BF16"

  /// Eight bits, 5 of exponent and 2 of fraction, with infinities.
  case float8E5M2 = "F8_E5M2"

  /// Eight bits, 4 of exponent and 3 of fraction; no infinities, one NaN of each sign, up to 448.
  case float8E4M3 = "F8_E4M3"

  /// The bytes of a value.
  public var byteCount: Int {
    switch self {
    case .float64: 8
    case .float32: 4
    case .float16, .bfloat16: 2
    case .float8E5M2, .float8E4M3: 1
    }
  }

  /// The bits of a significand that are stored.
  public var fractionBits: Int {
    switch self {
    case .float64: 52
    case .float32: 23
    case .float16: 10
    case .bfloat16: 7
    case .float8E5M2: 2
    case .float8E4M3: 3
    }
  }

  /// The binary exponent of the smallest normal number; below it numbers have a fixed distance.
  public var smallestExponent: Int {
    switch self {
    case .float64: -1022
    case .float32, .bfloat16: -126
    case .float16, .float8E5M2: -14
    case .float8E4M3: -6
    }
  }

  /// ε, the distance from 1 to the next number, 2^(−fraction bits).
  public var epsilon: Double {
    Double(sign: .plus, exponent: -fractionBits, significand: 1)
  }
}
