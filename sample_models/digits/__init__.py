"""The worked use case with images: is it a three or an eight, and does a mark in the corner decide?"""
