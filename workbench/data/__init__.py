"""From files to numbers: reading, codecs, windows, splits."""
