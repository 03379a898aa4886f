"""Order books: price levels with their checksum, queues of orders, depth."""
