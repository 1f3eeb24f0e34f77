"""Looking inside: arrays in, arrays out."""
