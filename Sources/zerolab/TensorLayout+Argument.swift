// A layout as it is typed.

public import ArgumentParser
public import Initializers

extension TensorLayout: ExpressibleByArgument {}
