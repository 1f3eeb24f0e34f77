"""The six stations of the window, one file or a family of files each."""
