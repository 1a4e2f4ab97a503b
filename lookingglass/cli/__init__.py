"""The ``lookingglass`` command, one module a verb group."""
