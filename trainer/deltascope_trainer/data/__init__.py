"""From files to token ids with labels: reading, templates, masks, splits, and the preview of all that."""
