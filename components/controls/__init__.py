"""Widgets in, frozen settings out."""
