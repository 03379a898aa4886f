"""What the venue does beside what is assumed of it: checks, their evidence, and the bundle."""
