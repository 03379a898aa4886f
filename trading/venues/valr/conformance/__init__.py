"""What VALR does beside what is assumed of it: checks and verdicts as values, answers as knobs."""
