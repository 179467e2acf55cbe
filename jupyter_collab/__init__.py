"""Live conversations, with people and assistants, inside a Jupyter notebook."""

__version__ = "0.1.0"
