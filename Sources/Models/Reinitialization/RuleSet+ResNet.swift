// Convolutional residual networks.

extension RuleSet {
  /// ResNets with torchvision's names.
  ///
  /// Convolutions use Algorithm 2, except the last one of each residual branch, which is 0: `conv3`
  /// in a bottleneck, `conv2` in other blocks. Initially, a block is then the identity or its
  /// shortcut convolution.
  static let resnet = RuleSet(
    name: "resnet",
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
