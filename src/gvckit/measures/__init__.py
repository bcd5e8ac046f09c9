"""Global-value-chain measures: arrays in, tidy frames out."""
