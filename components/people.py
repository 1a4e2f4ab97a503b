"""Who is acting: the name that a person gives beside the menu, recorded with every change as not authenticated.

The core checks that name's roles when it writes; nothing here decides what somebody may do.
"""

from __future__ import annotations

import streamlit as st

from components import state
from components.formatting import refusal
from lookingglass.errors import BadInput
from lookingglass.ledger import Actor, system_user

LONGEST_NAME = 80


def acting() -> Actor:
    """Return the person of this session: the name given beside the menu, else the operating system's user.

    Raises:
        BadInput: there is no such name, or it cannot be recorded.
    """
    name = state.person() or system_user()
    if name is None:
        raise BadInput("This machine does not say who you are: give your name beside the menu.")
    return Actor(name)


def choose_person() -> None:
    """Draw the field with the name that this session's changes are recorded under."""
    state.person_input(
        "You are",
        system_user() or "",
        longest=LONGEST_NAME,
        help="Recorded with every change you make. Nobody checks it, and the record says so.",
    )
    try:
        acting()
    except BadInput as error:
        st.error(refusal(error))
