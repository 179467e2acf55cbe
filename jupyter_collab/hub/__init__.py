"""The hub and its parts: who is connected, what is committed, what is sent.

Own everything on the server that lives in memory and does something. Must not know Tornado
or SQL. `hub` is the whole; it alone starts tasks.
"""
