"""The spec file: schema, loading with positions, resolving, compiling to steps."""
