"""Taking a trained model away as a file."""
