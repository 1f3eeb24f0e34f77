"""Qt without widgets: the session, work behind the window, selection, settings."""
