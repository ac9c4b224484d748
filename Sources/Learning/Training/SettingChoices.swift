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

extension ModelNormalization: SettingChoice {
  /// The name, for example `batch`.
  public var name: String { rawValue }
}
