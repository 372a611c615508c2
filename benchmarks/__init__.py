"""Every headline number is a script here: `python -m benchmarks NAME [--quick]` prints one line."""
