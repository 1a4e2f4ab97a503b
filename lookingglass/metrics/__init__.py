"""TODO(package docstring)."""
