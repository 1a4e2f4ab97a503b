"""The pieces of the threshold session: what is asked for, the picture, what was found, the agreement, the record."""
