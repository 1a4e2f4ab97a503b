"""The isolated worker: one limited process that holds one model and answers with probabilities, nothing else.

``process`` and ``pool`` are the parent's side; ``child`` runs inside the worker and shuts itself in with ``sandbox``.
Importing this package loads nothing, because the worker's own start must stay quick.
"""
