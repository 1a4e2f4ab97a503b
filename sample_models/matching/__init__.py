"""Wishes and offers in two short texts, and whether they match: all of it invented."""
