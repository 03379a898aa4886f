"""What a value of a key may be, and in which words that is refused."""
