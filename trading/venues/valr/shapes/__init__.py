"""The shape of JSON: its keys, the spelling of its values, and what tells two shapes apart."""
