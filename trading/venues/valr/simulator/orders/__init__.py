"""The processing of orders: arrival, amendment, settlement, batches."""
