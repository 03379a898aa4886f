"""Files and databases: the ledger's SQLite, recordings, private folders."""
