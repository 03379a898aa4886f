"""What can go wrong at the venue, and what makes it happen."""
