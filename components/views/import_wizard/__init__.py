"""The import wizard, one for both its uses: into a workspace (``into``) and to make a new one from a file (``new``)."""
