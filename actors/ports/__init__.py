"""What actors are joined by: channels, slots, facts, inboxes, and the values they carry."""
