"""Networks built of cells: the recurrent stack, heads, replay with every gate kept."""
