"""Values that everything is made of: identifiers, decimals, markets, instruments, errors."""
