"""Looking Glass: choose, explain and sign off classifiers on a living test set.

``import lookingglass as lg; ws = lg.open_workspace("workspaces/mortgage")`` is the front door. Importing this package
loads none of the heavy libraries (scikit-learn, streamlit, altair): they come when first needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lookingglass.creating import create_workspace as create_workspace
    from lookingglass.workspace import Workspace as Workspace
    from lookingglass.workspace import open_workspace as open_workspace

__version__ = "0.1.0"
__all__ = ["Workspace", "__version__", "create_workspace", "open_workspace"]


def __getattr__(name: str) -> object:
    """Load the front door when it is first asked for, so that ``import lookingglass`` stays light."""
    if name == "create_workspace":
        from lookingglass.creating import create_workspace

        return create_workspace
    if name in {"Workspace", "open_workspace"}:
        from lookingglass import workspace

        return getattr(workspace, name)
    raise AttributeError(f"module 'lookingglass' has no attribute {name!r}")
