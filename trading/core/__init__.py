"""The basic values of trading: identifiers, decimals, markets, instruments, errors."""
