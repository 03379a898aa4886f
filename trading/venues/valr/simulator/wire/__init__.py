"""The wire format: frames, HTTP answers, rate limits."""
