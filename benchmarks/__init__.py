"""How fast is it, beside what else there is, in one run (see `README.md` here)."""

__all__: list[str] = []
