// Residual networks of convolutions.

extension RuleSet {
  /// ResNets with torchvision's names.
  ///
  /// Convolutions by Algorithm 2, but the last one of each residual branch 0: `conv3` in a bottleneck, `conv2` in a
  /// block that has no `conv3`. A block is then the identity at the start, or its shortcut's convolution.
  static let resnet = RuleSet(
    name: "resnet", summary: "ResNets as torchvision names them",
    signatures: [
      [
        TensorRule("*layer1.0.conv1.weight", .convolution),
        TensorRule("*layer1.0.bn1.weight", .ones),
      ]
    ],
    rules: [
      TensorRule("*layer?.*.conv3.weight", .zeros),
      TensorRule("*layer?.*.conv2.weight", .zeros, unlessBeside: "conv3.weight"),
      TensorRule("*conv?.weight", .convolution),
      TensorRule("*downsample.0.weight", .convolution),
      TensorRule("*fc.weight", .matrix),
      TensorRule("*bn?.weight", .ones),
      TensorRule("*downsample.1.weight", .ones),
      TensorRule("*running_mean", .zeros),
      TensorRule("*running_var", .ones),
      TensorRule("*num_batches_tracked", .zeros),
      TensorRule("*.bias", .zeros),
    ])
}
