"""The larger pieces of a page: they take frozen data and draw it."""
