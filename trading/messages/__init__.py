"""The messages between actors, by sender: frozen values, named for what happened."""
