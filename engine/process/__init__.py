"""What belongs to this process: exit codes, signals, descriptors, watchdogs."""
