"""A conversation in memory: a state machine of inputs and effects.

Owns what one server knows of who is here and what they were sent. Pure: no sockets, SQL,
tasks, clocks or random numbers.
"""
