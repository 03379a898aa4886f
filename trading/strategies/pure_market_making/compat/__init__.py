"""
Pure market making exactly as Hummingbot 2.16 does it, its quirks included.

One clock tick at a time, on a state of its own. Nothing here is shared with the default mode but
the parameters: the original's order of operations, roundings and omissions are the specification.
"""
