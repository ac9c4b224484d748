// Types of other targets as settings.

public import ZerONetworks
public import ZerOOptimizers

extension Activation: SettingChoice {
  /// The name, for example `gelu_tanh`.
  public var name: String { rawValue }
}

extension LearningRateSchedule.Kind: SettingChoice {
  /// The name, for example `cosine`.
  public var name: String { rawValue }
}

/// A normalization, or none.
public enum NormalizationChoice: String, SettingChoice {
  /// No normalization.
  case none
  /// Layer normalization.
  case layer
  /// Root mean square normalization.
  case rms

  /// The name.
  public var name: String { rawValue }

  /// The normalization; `nil` for none.
  public var kind: Normalization.Kind? { Normalization.Kind(rawValue: rawValue) }
}
