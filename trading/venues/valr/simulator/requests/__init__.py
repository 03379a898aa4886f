"""What a client asks for, read field by field."""
