"""The pictures: each module holds one, all made on the same canvas and in the same frame."""
