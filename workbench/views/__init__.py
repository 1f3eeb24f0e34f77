"""Everything with widgets: the window, its pages, their pictures."""
