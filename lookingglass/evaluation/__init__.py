"""Evaluation: which scores are missing, getting them from isolated workers, and the figures made of them."""
