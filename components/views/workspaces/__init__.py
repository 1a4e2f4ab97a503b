"""Pieces of the page Workspaces: the list of what this server serves, renaming one, making a new one."""
