"""Everything that awaits on the market's behalf: one actor per file, and their ports."""
