"""
The steps from plain levels to quotes, each a small function from proposal to proposal.

First come whole sides, then prices, then quantities; then all is put on tick and lot once; and at
last what may not be sent is dropped or made smaller. After that one rounding no step adds a quote,
makes one larger or moves one.
"""
