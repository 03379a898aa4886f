"""Every message that actors exchange, by who sends it: frozen values, named for what happened."""
