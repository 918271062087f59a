"""What an order would change, read and told without changing anything, and signed."""
