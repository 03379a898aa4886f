"""The journal: the ledger's entries, their tables, and the figures folded from them."""
