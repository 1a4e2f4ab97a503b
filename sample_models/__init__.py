"""Worked use cases, each a folder with its data, its train script and the candidates that the script wrote."""
