"""The keys of a spec file, one module a section."""
