"""What travels between a client and the server: ids, members, entries, commands, frames.

Owns the shapes and their encoding. Must not know who sends, stores or shows them: no
sockets, SQL, clocks or tasks. Invariant: what comes from a client is decoded strictly or
refused; what the server sends may only gain fields.
"""
