"""Log lines: how they are written without blocking, cleaned, folded, rotated and read again."""
