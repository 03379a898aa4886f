"""What trading came to: the numbers of a report and of a score, from values alone."""
