// Kinds of tensors that no initializer applies to, in a model of any family.

import ZerOCheckpoints
import ZerOInitializers

/// Why a tensor keeps its values, whatever the family's rules.
public enum PreservedKind: CaseIterable, Sendable {
  /// Stacked expert weights (MoE).
  case stackedExperts

  /// Time constants of state-space and recurrent layers.
  case timeConstants

  /// Constants that a program computes: windows, filter banks, sine tables.
  case fixedTransforms

  /// Slopes of activation functions.
  case slopes

  /// Parts of adapters other than LoRA's two factors.
  case adapters

  /// Tensors from which a weight is computed other than by weight normalization.
  case parametrizations

  /// Scalars: scales, temperatures and gates.
  case scalars

  /// Parameters with one row, which are added to all samples or multiply them.
  case broadcasts

  /// The kind in a few words, for a table.
  var word: String {
    switch self {
    case .stackedExperts: "stacked experts"
    case .timeConstants: "time constant"
    case .fixedTransforms: "fixed transform"
    case .slopes: "slope"
    case .adapters: "adapter"
    case .parametrizations: "parametrization"
    case .scalars: "scalar"
    case .broadcasts: "one row"
    }
  }

  /// The kinds with their rules.
  private static let rulesByKind = allCases.map { (kind: $0, rules: $0.rules) }

  /// The rules of the kinds that names show.
  private var rules: [TensorRule] {
    switch self {
    case .stackedExperts:
      // DBRX concatenates expert weights along the outputs.
      rules(["*.experts.mlp.w1", "*.experts.mlp.v1", "*.experts.mlp.w2"])
    case .timeConstants:
      rules([
        "*A_log", "*dt_bias", "*dt_proj.bias", "*.D", "D", "*log_dt", "*A_real", "*A_imag",
        "*Lambda_re", "*Lambda_im", "*log_step", "*nu_log", "*theta_log", "*gamma_log",
        "*time_decay", "*time_first", "*time_faaaa", "*recurrent_param", "*.[fi]gate.bias",
      ])
    case .fixedTransforms:
      rules([
        "stft*", "*.stft*", "*istft*", "*window", "*window_", "*filterbank*", "*filter_bank*",
        "*mel_scale*", "*mel_basis", "*mel_filters", "*melW", "*.fb", "*dct_mat*", "*.filt",
        "*resample_filter*", "*lowpass*", "*blur.kernel", "*dfl.conv.weight", "*low_hz_",
        "*band_hz_", "*cos_cached", "*sin_cached", "*freqs_cis", "*alibi*",
      ])
    case .slopes:
      rules(
        [
          "*[Rr]e[Ll][Uu]*.weight", "*act.weight", "*act[0-9].weight", "*activation*.weight",
          "*slope*",
        ], dimensions: 1, unlessBeside: "bias") + rules(["*beta"], beside: "alpha")
    case .adapters:
      rules([
        "*lora_magnitude*", "*dora_scale", "*lora_E*", "*hada_w*", "*lokr_w*", "*.oft_*",
        "*.boft_*", "*.vera_*", "*ia3_l*",
      ])
    case .parametrizations:
      rules(["*parametrizations.*"])
        + rules(["*weight_orig"], beside: "weight_u") + rules(["*weight_g"], beside: "weight_v")
        + rules(["*weight_[uv]"], beside: "weight_orig")
        + rules(["*weight_v"], beside: "weight_g")
    case .scalars, .broadcasts: []
    }
  }

  private func rules(
    _ patterns: [String], dimensions: Int? = nil, unlessBeside: String? = nil,
    beside: String? = nil
  ) -> [TensorRule] {
    patterns.map {
      TensorRule(
        $0, .keep, dimensions: dimensions, unlessBeside: unlessBeside, beside: beside)
    }
  }

  /// The kind that a tensor's name shows; it precedes the rules of every family.
  ///
  /// - Parameters:
  ///   - tensor: A tensor of the model.
  ///   - model: All tensors.
  /// - Returns: `nil` for other tensors, and for integers.
  static func byName(_ tensor: StoredTensor, in model: RuledTensors) -> PreservedKind? {
    guard tensor.format != nil else { return nil }
    if tensor.isExpertStack { return .stackedExperts }
    return rulesByKind.first { _, rules in
      rules.contains { $0.holds(for: tensor, among: model.names, layout: .torch) }
    }?.kind
  }

  /// The kind that a tensor's shape shows, if no rule keeps the tensor.
  ///
  /// - Parameters:
  ///   - tensor: A tensor of the model.
  ///   - model: All tensors.
  /// - Returns: `nil` for other tensors, and for integers.
  static func byShape(_ tensor: StoredTensor, in model: RuledTensors) -> PreservedKind? {
    guard tensor.format != nil, tensor.count > 0 else { return nil }
    return isScalar(tensor, in: model)
      ? .scalars : isBroadcast(tensor) ? .broadcasts : nil
  }

  /// Whether a tensor is a scalar that belongs neither to a layer nor to the normalization of one
  /// channel.
  private static func isScalar(_ tensor: StoredTensor, in model: RuledTensors) -> Bool {
    guard tensor.count == 1, tensor.shape.count < 2 else { return false }
    let name = TensorName(tensor.name)
    let statistics = ["running_mean", "running_var", "moving_mean", "moving_variance"]
    if statistics.contains(String(name.last)) || name.last == "num_batches_tracked"
      || statistics.contains(where: { model.sibling(of: tensor, $0) != nil })
    {
      return false
    }
    switch name.last {
    case "weight", "scale", "gamma":
      return ["bias", "beta"].allSatisfy { model.sibling(of: tensor, $0) == nil }
    case "bias", "beta": return model.weight(ofBias: tensor) == nil
    default: return (model.weight(ofBias: tensor)?.shape.count ?? 0) < 2
    }
  }

  /// Whether a tensor broadcasts along all dimensions but one, and doesn't have a weight's name.
  private static func isBroadcast(_ tensor: StoredTensor) -> Bool {
    let shape = tensor.shape
    guard shape.count > 1, !TensorName(tensor.name).isWeight else { return false }
    return shape[0] == 1 || shape.filter { $0 > 1 }.count == 1
  }
}

extension TensorName {
  /// Whether the last part is a usual name of a weight: `weight`, `kernel`, `in_proj_weight`, `w`,
  /// `Wq`.
  var isWeight: Bool {
    let last = last.lowercased()
    return ["weight", "kernel", "lora_"].contains { last.contains($0) }
      || last.hasPrefix("w") && last.count <= 3 || last.hasSuffix("_w") || last.hasSuffix("_proj")
  }
}
