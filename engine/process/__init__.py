"""The engine as a process: exit codes, signals, open files, watchdogs."""
