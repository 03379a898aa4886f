"""Markets of simulations that depend on what happens when."""

LIVELIER = (
    "simulator.crowd.limit_orders_per_s=0.45",
    "simulator.crowd.lifetime_s=150",
    "simulator.crowd.market_orders_per_s=0.05",
)
"""A change and a half of the book a second."""
