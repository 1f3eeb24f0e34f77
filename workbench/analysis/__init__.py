"""Looking inside a trained network: arrays in, arrays out; nothing here knows a window."""
