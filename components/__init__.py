"""Streamlit building blocks: what pages are made of. The only layer between the core and the pages."""
