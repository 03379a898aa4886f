"""Messages that have to reach a person: what is one, when it may go, and when again."""
