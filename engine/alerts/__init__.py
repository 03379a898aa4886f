"""Messages that reach a person: what is observed, the process that sends, and the last words."""
