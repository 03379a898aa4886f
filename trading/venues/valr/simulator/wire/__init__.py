"""What is sent: frames, HTTP answers, rate limits."""
