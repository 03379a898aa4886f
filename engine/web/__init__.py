"""The web page: a process of its own that looks at an engine through its socket, ledger and log."""
