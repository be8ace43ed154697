"""What tests share: models, traces, inputs, and how they are compared."""
