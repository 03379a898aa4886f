"""Log lines: written without blocking, cleaned, folded, rotated and read again."""
