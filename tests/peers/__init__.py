"""Other tools are asked the same as we: `make test-peers`. They have an environment of their own (benchmarks/peers)."""
