"""The pictures of the Look page, each a view of its own."""
