"""The simulated VALR: its REST interface, both WebSockets, orders, accounts, faults."""
