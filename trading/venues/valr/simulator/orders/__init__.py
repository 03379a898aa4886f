"""What becomes of orders: arrival, amendment, settlement, batches."""
