"""The mathematics of one recurrent step, kept apart from how a network is built of it."""
