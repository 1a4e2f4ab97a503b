"""Fixtures for every test: the worked use case."""

pytest_plugins = ["tests.demo"]
