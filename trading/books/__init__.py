"""Order books by price level or order by order: sequence, checksum, depth."""
